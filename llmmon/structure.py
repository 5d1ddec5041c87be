"""What is wrong with the form of a file, before any rule can look at it: one code per kind, as rules have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmmon.problem import Level

if TYPE_CHECKING:
    from llmmon.problem import Problem


class Kind(NamedTuple):
    """One kind of fault of form."""

    code: str
    family: str
    says: str
    peers: tuple[str, ...] = ()
    level: Level = Level.ERROR  # most often: what a folder or Kubernetes makes milder or worse says so itself
    default: bool = True  # False: a matter of taste, said only where it is selected, or under the profile strict
    advice: bool = False  # only an author can judge it


_BOTH = ("promtool", "pint yaml/parse")
_TREE = ("amtool", "amlint invalid-root-route", "amlint no-root-route")
_WAYS = (  # what amlint says of each integration by itself
    *("amtool", "amlint email-missing-target", "amlint slack-missing-target", "amlint opsgenie-missing-target"),
    *("amlint pagerduty-missing-target", "amlint webhook-missing-target", "amlint discord-missing-target"),
    *("amlint msteams-missing-target", "amlint sns-missing-target", "amlint telegram-missing-target"),
    *("amlint victorops-missing-target", "amlint wechat-missing-target"),
)
KINDS: dict[str, Kind] = {
    "unused-suppression": Kind(
        "S001", "run", "A comment mutes a rule that has nothing to say there.", level=Level.WARNING
    ),
    "malformed-suppression": Kind(
        "S002", "run", "A comment mutes nothing, because it cannot be read.", ("pint pint/comment",)
    ),
    "expired-suppression": Kind("S003", "run", "The day that a comment ends on has come.", level=Level.WARNING),
    "suppression-without-reason": Kind(
        "S004", "run", "A comment mutes a rule, and does not say why.", level=Level.WARNING, default=False
    ),
    "locked-rule": Kind(
        "S005", "run", "A comment is to mute a rule that the settings call locked.", ("pint pint/comment",)
    ),
    "file-skipped": Kind(
        "S006",
        "run",
        "A comment mutes every rule in its file.",
        ("pint ignore/file",),
        level=Level.WARNING,
        default=False,
    ),
    "baseline-entry-obsolete": Kind(
        "S008", "run", "The baseline has an entry for what is no longer found.", level=Level.NOTE
    ),
    "unknown-file-kind": Kind(
        "S009", "run", "A file that was named is of no kind that is linted.", level=Level.WARNING
    ),
    "unreadable": Kind("Y001", "yaml", "A file cannot be read.", _BOTH),
    "not-utf8": Kind("Y010", "yaml", "A file is not UTF-8.", _BOTH),
    "yaml-syntax": Kind("Y002", "yaml", "A file is not YAML.", _BOTH),
    "duplicate-key": Kind("Y003", "yaml", "A map has a key twice.", _BOTH),
    "json-syntax": Kind("Y008", "yaml", "A file is not JSON."),
    "yaml-tag": Kind("Y011", "yaml", "A tag that means nothing in such a file."),
    "merge-key": Kind("Y012", "yaml", "`<<` merges maps only in YAML 1.1."),
    "odd-key": Kind("Y013", "yaml", "A key is a map or a list.", _BOTH),
    "multi-document": Kind(
        "Y004",
        "yaml",
        "Groups in a second document of a file, which Prometheus does not read.",
        ("pint yaml/parse",),
        level=Level.WARNING,
    ),
    "alias-bomb": Kind("Y014", "yaml", "Aliases expand to more than anybody wrote."),
    "too-deep": Kind("Y015", "yaml", "Nested deeper than a parser can follow."),
    "not-a-map": Kind("R015", "rules", "A list or a scalar where a map belongs.", _BOTH),
    "not-a-list": Kind("R048", "rules", "A map or a scalar where a list belongs.", _BOTH),
    "unknown-field": Kind("R001", "rules", "A field that Prometheus does not know.", _BOTH),
    "group-name": Kind("R002", "rules", "A group without a name.", _BOTH),
    "group-name-twice": Kind("R003", "rules", "Two groups of one name in a file.", _BOTH),
    "rules-without-group": Kind("R049", "rules", "Rules that are in no group.", _BOTH),
    "alert-and-record": Kind("R004", "rules", "A rule that is both an alerting and a recording rule.", _BOTH),
    "no-name": Kind("R005", "rules", "A rule with neither alert: nor record:.", _BOTH),
    "no-expr": Kind("R006", "rules", "A rule without an expression.", _BOTH),
    "wrong-type": Kind("R014", "rules", "A list or a map where a text belongs, or a text where a number does.", _BOTH),
    "field-too-new": Kind("R016", "rules", "A field that the chosen Prometheus does not know yet.", _BOTH),
    "not-of-recordings": Kind("R007", "rules", "A field of alerts in a recording rule.", _BOTH),
    "bad-record-name": Kind("R008", "rules", "A recorded series whose name is none.", _BOTH),
    "braces-in-record-name": Kind("R009", "rules", "Labels in the name of a recorded series.", _BOTH),
    "bad-label-name": Kind("R010", "rules", "A label whose name is none.", _BOTH),
    "bad-annotation-name": Kind("R012", "rules", "An annotation whose name is none.", _BOTH),
    "dialect-field": Kind("R017", "rules", "A field of Thanos, Mimir or VictoriaMetrics, for Prometheus.", _BOTH),
    "crd-envelope": Kind("R018", "rules", "An object of Kubernetes that holds no rules where they belong."),
    "empty-entry": Kind(
        "Y007", "rules", "A file, a list or an entry with nothing in it.", level=Level.WARNING, advice=True
    ),
    "template-residue": Kind("Y006", "yaml", "A template that nobody has rendered yet."),
    "line-ends": Kind("Y009", "yaml", "Line ends of Windows, or a byte order mark.", level=Level.NOTE),
    "implicit-type": Kind(
        "Y005",
        "rules",
        "A number or a boolean where a text is meant.",
        ("pint yaml/parse",),
        level=Level.NOTE,
        advice=True,
    ),
    "no-duration": Kind("R013", "rules", "A text where a duration belongs.", ("promtool", "pint alerts/for")),
    "feature-not-enabled": Kind(
        "Q003",
        "promql",
        "PromQL that needs a feature which is off, or a newer Prometheus.",
        ("promtool", "pint promql/features", "promruval expressionDoesNotUseExperimentalFunctions"),
    ),
    "foreign-dialect": Kind(
        "Q004", "promql", "MetricsQL or LogQL where PromQL belongs.", ("promtool", "pint promql/syntax")
    ),
    "promql-syntax": Kind("Q001", "promql", "PromQL that does not parse.", ("promtool", "pint promql/syntax")),
    "no-route": Kind("C001", "configurations", "A configuration without a root route.", _TREE),
    "root-route": Kind(
        "C002", "configurations", "A root route without a receiver, or with what only others have.", _TREE
    ),
    "undefined-receiver": Kind(
        "C003", "configurations", "A receiver that is nowhere defined.", ("amtool", "amlint undefined-receiver")
    ),
    "undefined-interval": Kind(
        "C004",
        "configurations",
        "A time interval that is nowhere defined.",
        ("amtool", "amlint undefined-time-interval"),
    ),
    "unknown-option": Kind("C005", "configurations", "A field that Alertmanager does not know.", ("amtool",)),
    "bad-url": Kind("C006", "configurations", "A text where a URL belongs.", ("amtool",)),
    "duplicate-receiver": Kind(
        "C007", "configurations", "Two receivers of one name.", ("amtool", "amlint duplicate-receiver")
    ),
    "duplicate-interval": Kind("C008", "configurations", "Two time intervals of one name.", ("amtool",)),
    "bad-matcher": Kind("C009", "configurations", "A matcher that does not parse.", ("amtool", "amlint bad-matcher")),
    "bad-regex": Kind(
        "C010", "configurations", "A regular expression that Go does not read.", ("amtool", "amlint bad-regex")
    ),
    "bad-group-by": Kind(
        "C011",
        "configurations",
        "A grouping with a label twice, or with all and some.",
        ("amtool", "amlint groupby-ellipsis"),
    ),
    "bad-label": Kind("C012", "configurations", "A label whose name is none.", ("amtool", "amlint bad-match-label")),
    "bad-timing": Kind("C013", "configurations", "A text where a duration belongs.", ("amtool",)),
    "zero-interval": Kind("C014", "configurations", "An interval of no time at all.", ("amtool",)),
    "required-option": Kind("C015", "configurations", "A field is missing that must be there.", _WAYS),
    "exclusive-options": Kind("C016", "configurations", "Two fields of which one at most may be set.", ("amtool",)),
    "no-default": Kind(
        "C017", "configurations", "Neither a receiver nor `global:` says where to send, or with what key.", _WAYS
    ),
    "bad-option-value": Kind("C018", "configurations", "A value that a field cannot have.", ("amtool",)),
    "wrong-option-type": Kind(
        "C019", "configurations", "A list, a map or a text where something else belongs.", ("amtool",)
    ),
    "bad-address": Kind("C020", "configurations", "A text where an address with a port belongs.", ("amtool",)),
    "bad-time-range": Kind(
        "C021", "configurations", "A range of times or days that is none.", ("amtool", "amlint bad-time-interval")
    ),
    "unknown-time-zone": Kind(
        "C022", "configurations", "A time zone that does not exist.", ("amtool", "amlint bad-time-interval")
    ),
    "http-options": Kind(
        "C023", "configurations", "Settings of HTTP or TLS that exclude or need each other.", ("amtool",)
    ),
    "email-header": Kind("C024", "configurations", "A header of an e-mail twice.", ("amtool",)),
    "empty-option": Kind("C025", "configurations", "An entry of a list with nothing in it.", ("amtool",)),
    "bad-template-path": Kind("C026", "configurations", "A pattern of files that is none.", ("amtool",)),
    "option-too-new": Kind(
        "C040", "configurations", "A field that the chosen Alertmanager does not know yet.", ("amtool",)
    ),
    "pipeline-syntax": Kind(
        "L001", "pipelines", "A Logstash pipeline that Logstash cannot read or compile.", ("logstash -t",)
    ),
    "page-syntax": Kind("M016", "metrics", "A line of a page of metrics that is none.", ("promtool check metrics",)),
}
UNREAD = frozenset(  # a value is not of its kind: nothing is known of the field, and no rule has to say so again
    (
        *("not-a-map", "not-a-list", "wrong-type", "no-duration", "no-expr"),
        *("promql-syntax", "foreign-dialect", "feature-not-enabled", "template-residue"),
        *("bad-url", "bad-matcher", "bad-regex", "bad-label", "bad-timing", "bad-option-value", "wrong-option-type"),
        *("bad-address", "bad-time-range", "unknown-time-zone"),
    )
)


def is_advice(problem: Problem) -> bool:
    """Whether only an author can tell that something is wrong."""
    form = KINDS.get(problem.rule)
    return problem.advice or (form is not None and form.advice and problem.level < Level.ERROR)
