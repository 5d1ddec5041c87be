"""What is wrong with the form of a file, before any rule can look at it: one code per kind, as rules have them."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of fault of form."""

    code: str
    family: str
    says: str
    peers: tuple[str, ...] = ()


_BOTH = ("promtool", "pint yaml/parse")
KINDS: dict[str, Kind] = {
    "unused-suppression": Kind("S001", "run", "A comment mutes a rule that has nothing to say there."),
    "malformed-suppression": Kind(
        "S002", "run", "A comment mutes nothing, because it cannot be read.", ("pint pint/comment",)
    ),
    "expired-suppression": Kind("S003", "run", "The day that a comment ends on has come."),
    "baseline-entry-obsolete": Kind("S008", "run", "The baseline has an entry for what is no longer found."),
    "unknown-file-kind": Kind("S009", "run", "A file that was named is of no kind that is linted."),
    "unreadable": Kind("Y001", "yaml", "A file cannot be read.", _BOTH),
    "not-utf8": Kind("Y010", "yaml", "A file is not UTF-8.", _BOTH),
    "yaml-syntax": Kind("Y002", "yaml", "A file is not YAML.", _BOTH),
    "duplicate-key": Kind("Y003", "yaml", "A map has a key twice.", _BOTH),
    "yaml-tag": Kind("Y011", "yaml", "A tag that means nothing in such a file."),
    "merge-key": Kind("Y012", "yaml", "`<<` merges maps only in YAML 1.1."),
    "odd-key": Kind("Y013", "yaml", "A key is a map or a list.", _BOTH),
    "multi-document": Kind(
        "Y004", "yaml", "Groups in a second document of a file, which Prometheus does not read.", ("pint yaml/parse",)
    ),
    "alias-bomb": Kind("Y014", "yaml", "Aliases expand to more than anybody wrote."),
    "too-deep": Kind("Y015", "yaml", "Nested deeper than a parser can follow."),
    "not-a-map": Kind("R015", "rules", "A list or a scalar where a map belongs.", _BOTH),
    "not-a-list": Kind("R048", "rules", "A map or a scalar where a list belongs.", _BOTH),
    "unknown-field": Kind("R001", "rules", "A field that Prometheus does not know.", _BOTH),
    "group-name": Kind("R002", "rules", "A group without a name, or two of one name.", _BOTH),
    "rules-without-group": Kind("R049", "rules", "Rules that are in no group.", _BOTH),
    "alert-and-record": Kind("R004", "rules", "A rule that is both an alerting and a recording rule.", _BOTH),
    "no-name": Kind("R005", "rules", "A rule with neither alert: nor record:.", _BOTH),
    "no-expr": Kind("R006", "rules", "A rule without an expression.", _BOTH),
    "wrong-type": Kind("R014", "rules", "A list or a map where a text belongs, or a text where a number does.", _BOTH),
    "field-too-new": Kind("R016", "rules", "A field that the chosen Prometheus does not know yet.", _BOTH),
    "not-of-recordings": Kind("R007", "rules", "A field of alerts in a recording rule.", _BOTH),
    "bad-record-name": Kind("R008", "rules", "A recorded series whose name is none.", _BOTH),
    "bad-label-name": Kind("R010", "rules", "A label or an annotation whose name is none.", _BOTH),
    "empty-entry": Kind("Y007", "rules", "An entry of a list with nothing in it."),
    "no-duration": Kind("R013", "rules", "A text where a duration belongs.", ("promtool", "pint alerts/for")),
    "promql-syntax": Kind("Q001", "promql", "PromQL that does not parse.", ("promtool", "pint promql/syntax")),
    "pipeline-syntax": Kind(
        "L001", "pipelines", "A Logstash pipeline that Logstash cannot read or compile.", ("logstash -t",)
    ),
    "page-syntax": Kind("M016", "metrics", "A line of a page of metrics that is none.", ("promtool check metrics",)),
}
