"""Prometheus rule files: YAML becomes alerting and recording rules with their places, and what is wrong with its
form becomes problems."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily, promql
from llmmon.classes import replace
from llmmon.documents import metricsql, residue
from llmmon.documents.fields import DIALECTS, UTF8, Fields
from llmmon.problem import Fix, Level
from llmmon.promql.refusal import EXPERIMENTAL, refusal
from llmmon.rule import AlertingRule, Expression, Group, RecordingRule, Rules
from llmmon.source.scalars import Plain
from llmmon.structure import UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys, Origin, Problem
    from llmmon.promql import Version
    from llmmon.rule import Purpose
    from llmmon.source.values import Value

_TOP = ("groups",)
_GROUP = ("name", "interval", "limit", "query_offset", "labels", "rules")
_ALERT = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_RECORD = ("record", "expr", "labels")
_SINCE: dict[str, Version] = {
    "limit": (2, 31),
    "keep_firing_for": (2, 42),
    "query_offset": (2, 53),
    "group labels": (3, 0),
}
_SOME_TIME = timedelta(minutes=5)  # what has still to be rendered
_METRIC = lazily.pattern(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_WHOLE = lazily.pattern(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|0x[0-9a-fA-F]+|0o[0-7]+)\Z")
_QUOTED = lazily.pattern(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
_OF_GROUPS = frozenset((*_GROUP, *(field for group, _ in DIALECTS.values() for field in group)))
_OF_RULES = frozenset((*_ALERT, *_RECORD))
_OF_GRAFANA = frozenset(("folder", "orgId"))  # where it is told of its own alerts
_NOT_RULES = frozenset(("global", "scrape_configs", "rule_files", "alerting", "storage", "remote_write"))


class Read(NamedTuple):
    """A rule file: its rules, and what is wrong with its form."""

    rules: Rules
    problems: list[Problem]


def is_rules(value: Value, named: bool = False) -> bool:
    """Whether a document is, or was meant to be, a rule file; one that somebody named is meant to be one sooner."""
    if isinstance(value, dict):
        return "groups" in value and not {"apiVersion", "kind"} & value.keys() and (named or not _are_others(value))
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    names = [item.get(key) for item in items for key in ("alert", "record")]
    return any(isinstance(name, str) and not isinstance(name, Plain) for name in names)


def _are_others(value: dict[str, Value]) -> bool:
    """Whether the groups are of something else: they have entries, and no field that only rules have."""
    groups = value["groups"]
    if isinstance(groups, str):
        return len(value) > 1 or residue.in_value(groups)
    if isinstance(groups, dict) or (
        isinstance(groups, list) and groups and all(isinstance(one, str) for one in groups)
    ):
        return len(value) > 1
    entries = [group for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    if groups == []:
        return not value.keys() <= {*_TOP, *(field for _, top in DIALECTS.values() for field in top)}
    if entries and not any("rules" in entry for entry in entries):
        return any(key not in _OF_GROUPS for entry in entries for key in entry)
    if any(not _OF_GRAFANA.isdisjoint(entry) for entry in entries):
        return True
    lists = [entry.get("rules") for entry in entries]
    inside = [rule for rules in lists if isinstance(rules, list) for rule in rules if isinstance(rule, dict)]
    return bool(inside) and not any(_OF_RULES & rule.keys() for rule in inside)


def read(
    value: Value,
    origin: Origin,
    version: Version,
    dialect: str | None = None,
    strict: bool = False,
    features: frozenset[str] = frozenset(),
    named: bool = True,
) -> Read:
    """The rules of a document, read as Go reads it (`values.value(..., as_go=True)`).

    A list of rules without groups is an error, and its rules are looked at all the same. Without a `dialect` a file
    is of the one whose fields it has. `strict` is who takes no number for a text, as Kubernetes does;
    `features` are those that the server is told to enable; what is not `named` may be a template in a folder.
    """
    reader = _Reader(version, dialect, strict, features, named)
    if isinstance(value, list):
        message = "these rules are in no group, so Prometheus reads none: write groups: [{name: NAME, rules: [...]}]"
        reader.add(origin, message, "rules-without-group", Level.ERROR if named else Level.WARNING)
        list(reader.rules(value, origin))
    elif isinstance(value, dict):
        reader.file(value, origin)
    whole = not any(map(_loses_rules, reader.problems))
    rules = Rules(tuple(reader.alerts), tuple(reader.recordings), tuple(reader.groups), whole)
    return Read(rules, _once(reader.problems))


def _once(problems: list[Problem]) -> list[Problem]:
    """A note on texts that look like numbers is one for the whole file."""
    notes = [one for one in problems if one.rule == "implicit-type" and one.level is Level.NOTE and one.fix]
    if len(notes) < 2:
        return problems
    first, more = notes[0], len(notes) - 1
    fix = Fix(tuple(edit for one in notes if one.fix for edit in one.fix.edits), safe=True)
    message = f"{first.message}; so {'are' if more > 1 else 'is'} {more} more in this file"
    said = set(map(id, notes))
    return [*(one for one in problems if id(one) not in said), replace(first, message=message, fix=fix)]


def _loses_rules(problem: Problem) -> bool:
    """Whether it is of what would be a rule, or several."""
    last = problem.origin.keys[-1:]
    match problem.rule:
        case "no-name" | "alert-and-record" | "not-a-list":
            return True
        case "not-a-map":
            return isinstance(last and last[0], int)
        case "wrong-type":
            return last in (("alert",), ("record",))
    return False


class _Reader(Fields):
    def __init__(
        self, version: Version, dialect: str | None, strict: bool, features: frozenset[str], named: bool
    ) -> None:
        super().__init__(version, strict)
        self.dialect = dialect
        self.features = features
        self.named = named
        self.unfinished = False
        self.later: set[Keys] = set()  # durations that somebody has still to render
        self.language = "prometheus"  # of the group that is read
        self.metricsql = False  # the file is for VictoriaMetrics, as far as one can see
        known = [fields for name, fields in DIALECTS.items() if dialect in (None, name)]
        self.of_group = tuple(field for group, _ in known for field in group)
        self.of_file = tuple(field for _, top in known for field in top)
        self.alerts: list[AlertingRule] = []
        self.recordings: list[RecordingRule] = []
        self.groups: list[Group] = []
        self.shared: frozenset[str] = frozenset()  # of the fields of a rule those that the group makes unread

    def file(self, value: dict[str, Value], origin: Origin) -> None:
        self.metricsql = self.dialect is None and metricsql.is_meant(origin.document)
        for key in value:
            if key in _NOT_RULES:
                message = (
                    f"{key} belongs in prometheus.yml and groups in a file that its rule_files name: keep them apart"
                )
                self.add(origin.at(key), message, "unknown-field")
            elif key not in (*_TOP, *self.of_file):
                self.unknown(origin.at(key), key, _TOP)
        if value["groups"] is None:
            message = "there is no group here: write groups: [] where none is meant"
            self.add(origin.at("groups"), message, "empty-entry", Level.WARNING)
        names: dict[str, Origin] = {}
        for keys, group in self.maps(value.get("groups"), origin.at("groups"), "a group"):
            here = origin.at("groups", *keys)
            name = self.text(group, "name", here) or ""
            if not name:
                self.add(here, "a group needs a name: write name: NAME", "group-name")
            elif name in names:
                message = f"there is another group {name!r} ({names[name]}): rename one"
                self.add(here.at("name"), message, "group-name-twice")
            names.setdefault(name, here)
            self.group(name, group, here)

    def group(self, name: str, group: dict[str, Value], here: Origin) -> None:
        before = len(self.problems)
        for key in group:
            if key not in (*_GROUP, *self.of_group):
                self.unknown(here.at(key), key, _GROUP)
        self.too_new(group, "limit", "limit", here)
        self.too_new(group, "query_offset", "query_offset", here)
        self.too_new(group, "labels", "group labels", here)
        interval = self.time(group, "interval", here)
        self.time(group, "query_offset", here)
        if (limit := self.text(group, "limit", here)) is not None and not _WHOLE.match(limit):
            self.add(here.at("limit"), f"{limit!r} is no whole number: write it like 100", "wrong-type")
        labels = self.texts(group, "labels", here)
        self.names(labels, "labels", here)
        unread = self.unread(before, here)
        self.shared = unread & {"labels"}
        self.language = "prometheus" if self.dialect else str(group.get("type", "prometheus"))
        rules = tuple(self.rules(group.get("rules"), here.at("rules")))
        self.shared = frozenset()
        self.groups.append(Group(name, rules, interval, labels, group, here, unread))

    def unread(self, before: int, here: Origin) -> frozenset[str]:
        """The fields below `here` that could not be read, as the problems say that came since then."""
        if len(self.problems) == before and not self.later:
            return self.shared
        depth = len(here.keys)
        found = {problem.origin.keys for problem in self.problems[before:] if problem.rule in UNREAD} | self.later
        self.later.clear()
        return self.shared.union(str(keys[depth]) for keys in found if len(keys) > depth)

    def too_new(self, group: dict[str, Value], key: str, what: str, here: Origin) -> None:
        since = _SINCE[what]
        if key in group and self.version < since:
            have, needed = (".".join(map(str, version)) for version in (self.version, since))
            message = f"Prometheus {have} does not know {what}: leave {key} out, or run {needed} or newer"
            self.add(here.at(key), message, "field-too-new")

    def rules(self, value: Value, origin: Origin) -> Iterator[AlertingRule | RecordingRule]:
        for keys, rule in self.maps(value, origin, "a rule"):
            here = origin.at(*keys)
            alert, record = self.text(rule, "alert", here), self.text(rule, "record", here)
            if alert and record:
                self.add(here, "a rule has alert: or record:, not both: make two of it", "alert-and-record")
            elif alert:
                yield self.alert(alert, rule, here)
            elif record:
                yield self.record(record, rule, here)
            elif not any(isinstance(rule.get(key), dict | list) for key in ("alert", "record")):
                self.add(here, "a rule needs alert: NAME or record: NAME", "no-name")

    def alert(self, name: str, rule: dict[str, Value], here: Origin) -> AlertingRule:
        before = len(self.problems)
        self.fields(rule, here, _ALERT)
        self.too_new(rule, "keep_firing_for", "keep_firing_for", here)
        hold = self.time(rule, "for", here)
        keep = self.time(rule, "keep_firing_for", here)
        labels, annotations = self.texts(rule, "labels", here), self.texts(rule, "annotations", here)
        self.names(labels, "labels", here)
        self.names(annotations, "annotations", here)
        expression = self.expression(rule, here, "alert", (*labels.values(), *annotations.values()))
        unread = self.unread(before, here)
        self.alerts.append(AlertingRule(name, expression, hold, labels, annotations, here, keep, unread))
        return self.alerts[-1]

    def record(self, name: str, rule: dict[str, Value], here: Origin) -> RecordingRule:
        before = len(self.problems)
        for key in ("for", "keep_firing_for", "annotations"):
            if rule.get(key) not in (None, {}) and not (key != "annotations" and not self.time(rule, key, here)):
                message = f"{key} is for alerts: a recording rule has none"
                fix = Fix(((here.at(key), None),))
                self.add(here.at(key), message, "not-of-recordings", fix=fix)
        self.fields(rule, here, (*_RECORD, "for", "keep_firing_for", "annotations"), _RECORD)
        if "{" in name or "}" in name:
            message = f"{name!r} has braces: labels of the result belong below labels:"
            self.add(here.at("record"), message, "braces-in-record-name")
        elif self.version < UTF8 and not _METRIC.match(name):
            message = f"{name!r} is no name of a metric: use letters, digits, _ and :"
            self.add(here.at("record"), message, "bad-record-name")
        expression = self.expression(rule, here, "record")
        labels = self.texts(rule, "labels", here)
        self.names(labels, "labels", here)
        self.recordings.append(RecordingRule(name, expression, labels, here, self.unread(before, here)))
        return self.recordings[-1]

    def fields(
        self, rule: dict[str, Value], here: Origin, known: tuple[str, ...], shown: tuple[str, ...] | None = None
    ) -> None:
        for key in rule:
            if key not in known and key not in ("alert", "record"):
                self.unknown(here.at(key), key, shown or known)

    def is_residue(self, text: str, here: Origin) -> bool:
        """Whether somebody has still to make an expression of it."""
        bare = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
        if found := residue.in_expression(bare):
            message = f"{text[slice(*found)]!r} is of a template that nobody has rendered: lint what it becomes"
        elif found := residue.placeholder(bare):
            message = f"{text[slice(*found)]!r} is a place to fill in: write the expression"
        if found and (self.named or not (self.unfinished or residue.is_template(here.document.path))):
            level = Level.ERROR if self.named else Level.NOTE
            self.add(here.at("expr", span=found), message, "template-residue", level)
            self.unfinished = True  # of a folder one is enough
        return found is not None

    def time(self, value: dict[str, Value], key: str, here: Origin) -> timedelta | None:
        if not self.named and isinstance(text := value.get(key), str) and residue.in_value(text):
            self.later.add((*here.keys, key))
            return _SOME_TIME
        return super().time(value, key, here)

    def expression(
        self, rule: dict[str, Value], here: Origin, purpose: Purpose, texts: tuple[str, ...] = ()
    ) -> Expression | None:
        text = self.text(rule, "expr", here)
        if not text:
            if not isinstance(rule.get("expr"), dict | list):
                self.add(here.at("expr"), "a rule needs an expression: write expr: ...", "no-expr")
            return None
        if self.dialect is None and "|" in text and "|" in _QUOTED.sub("", text):
            return None  # LogQL: the rules of Loki are in files of the same form
        if self.language in ("graphite", "vlogs"):
            return None
        try:
            expr = promql.parse(text, self.version, EXPERIMENTAL in self.features)
            return Expression(text, expr, purpose, texts=texts, dialect=self.metricsql)
        except promql.PromqlError as error:
            if self.is_residue(text, here) or (self.metricsql and metricsql.may_take(error)):
                return None
            at = here.at("expr", span=error.span)
            why = refusal(text, error, self.version, self.features)
            if why is None and not self.named and "loki" in here.document.path.lower():
                return None  # LogQL, of which a part does not look like it
            if why is None:
                self.add(at, f"PromQL does not parse: {error.message}", "promql-syntax")
            elif why.message:
                self.add(at, f"PromQL does not parse: {why.message}", why.rule)
            return None
