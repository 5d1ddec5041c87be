"""Prometheus rule files: YAML becomes alerting and recording rules with their places, and what is wrong with its
form becomes problems."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from llmmon import duration, promql
from llmmon.problem import Level, Problem
from llmmon.rule import AlertingRule, Expression, Group, RecordingRule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys, Origin
    from llmmon.promql import Version
    from llmmon.rule import Purpose
    from llmmon.source import Value

_TOP = ("groups",)
_GROUP = ("name", "interval", "limit", "query_offset", "labels", "rules")
_ALERT = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_RECORD = ("record", "expr", "labels")
_SINCE: dict[str, Version] = {"query_offset": (2, 53), "group labels": (3, 0)}
_DIALECTS = {  # fields that others have beside those of Prometheus
    "thanos": (("partial_response_strategy",), ()),
    "mimir": (("source_tenants",), ("namespace",)),
}
_UTF8: Version = (3, 0)  # the first that takes any text as a name
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_WHOLE = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|0x[0-9a-fA-F]+|0o[0-7]+)\Z")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
_PIPE = re.compile(r"\|")
_NOT_RULES = frozenset(("global", "scrape_configs", "rule_files", "alerting", "storage", "remote_write"))


class Read(NamedTuple):
    """A rule file: its rules, and what is wrong with its form."""

    rules: Rules
    problems: list[Problem]


def is_rules(value: Value) -> bool:
    """Whether a document is, or was meant to be, a rule file."""
    if isinstance(value, dict):
        return "groups" in value and not {"apiVersion", "kind"} & value.keys()
    return isinstance(value, list) and any(
        isinstance(item, dict) and {"alert", "record"} & item.keys() for item in value
    )


def read(value: Value, origin: Origin, version: Version, dialect: str | None = None) -> Read:
    """The rules of a document, read as Go reads it (`source.value(..., as_go=True)`).

    A list of rules without groups is an error, and its rules are looked at all the same. Without a `dialect` a file
    is of the one whose fields it has.
    """
    reader = _Reader(version, dialect)
    if isinstance(value, list):
        message = "these rules are in no group, so Prometheus reads none: write groups: [{name: NAME, rules: [...]}]"
        reader.add(origin, message, "rules-without-group")
        list(reader.rules(value, origin))
    elif isinstance(value, dict):
        reader.file(value, origin)
    return Read(Rules(tuple(reader.alerts), tuple(reader.recordings), tuple(reader.groups)), reader.problems)


class _Reader:
    def __init__(self, version: Version, dialect: str | None) -> None:
        self.version = version
        self.dialect = dialect
        known = [fields for name, fields in _DIALECTS.items() if dialect in (None, name)]
        self.of_group = tuple(field for group, _ in known for field in group)
        self.of_file = tuple(field for _, top in known for field in top)
        self.alerts: list[AlertingRule] = []
        self.recordings: list[RecordingRule] = []
        self.groups: list[Group] = []
        self.problems: list[Problem] = []

    def add(self, origin: Origin, message: str, rule: str, level: Level = Level.ERROR) -> None:
        self.problems.append(Problem(origin, message, rule, level))

    def file(self, value: dict[str, Value], origin: Origin) -> None:
        for key in value:
            if key in _NOT_RULES:
                message = (
                    f"{key} belongs in prometheus.yml and groups in a file that its rule_files name: keep them apart"
                )
                self.add(origin.at(key), message, "unknown-field")
            elif key not in (*_TOP, *self.of_file):
                self.unknown(origin.at(key), key, _TOP)
        names: dict[str, Origin] = {}
        for keys, group in self.maps(value.get("groups"), origin.at("groups"), "a group"):
            here = origin.at("groups", *keys)
            name = self.text(group, "name", here) or ""
            if not name:
                self.add(here, "a group needs a name: write name: NAME", "group-name")
            elif name in names:
                message = f"there is another group {name!r} ({names[name]}): rename one"
                self.add(here.at("name"), message, "group-name")
            names.setdefault(name, here)
            self.group(name, group, here)

    def group(self, name: str, group: dict[str, Value], here: Origin) -> None:
        for key in group:
            if key not in (*_GROUP, *self.of_group):
                self.unknown(here.at(key), key, _GROUP)
        self.too_new(group, "query_offset", "query_offset", here)
        self.too_new(group, "labels", "group labels", here)
        interval = self.time(group, "interval", here)
        self.time(group, "query_offset", here)
        if (limit := self.text(group, "limit", here)) is not None and not _WHOLE.match(limit):
            self.add(here.at("limit"), f"{limit!r} is no whole number: write it like 100", "wrong-type")
        labels = self.texts(group, "labels", here)
        self.names(labels, "labels", here)
        rules = tuple(self.rules(group.get("rules"), here.at("rules")))
        self.groups.append(Group(name, rules, interval, labels, group, here))

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
            elif not isinstance(rule.get("alert"), dict | list):
                self.add(here, "a rule needs alert: NAME or record: NAME", "no-name")

    def alert(self, name: str, rule: dict[str, Value], here: Origin) -> AlertingRule:
        self.fields(rule, here, _ALERT)
        hold = self.time(rule, "for", here)
        keep = self.time(rule, "keep_firing_for", here)
        expression = self.expression(rule, here, "alert")
        labels, annotations = self.texts(rule, "labels", here), self.texts(rule, "annotations", here)
        self.names(labels, "labels", here)
        self.names(annotations, "annotations", here)
        self.alerts.append(AlertingRule(name, expression, hold, labels, annotations, here, keep))
        return self.alerts[-1]

    def record(self, name: str, rule: dict[str, Value], here: Origin) -> RecordingRule:
        for key in ("for", "keep_firing_for", "annotations"):
            if rule.get(key) not in (None, {}) and not (key != "annotations" and not self.time(rule, key, here)):
                self.add(here.at(key), f"{key} is for alerts: a recording rule has none", "not-of-recordings")
        self.fields(rule, here, (*_RECORD, "for", "keep_firing_for", "annotations"), _RECORD)
        if "{" in name or "}" in name:
            message = f"{name!r} has braces: labels of the result belong below labels:"
            self.add(here.at("record"), message, "bad-record-name")
        elif self.version < _UTF8 and not _METRIC.match(name):
            message = f"{name!r} is no name of a metric: use letters, digits, _ and :"
            self.add(here.at("record"), message, "bad-record-name")
        expression = self.expression(rule, here, "record")
        labels = self.texts(rule, "labels", here)
        self.names(labels, "labels", here)
        self.recordings.append(RecordingRule(name, expression, labels, here))
        return self.recordings[-1]

    def fields(
        self, rule: dict[str, Value], here: Origin, known: tuple[str, ...], shown: tuple[str, ...] | None = None
    ) -> None:
        for key in rule:
            if key not in known and key not in ("alert", "record"):
                self.unknown(here.at(key), key, shown or known)

    def names(self, found: dict[str, str], what: str, here: Origin) -> None:
        """The names of labels or annotations, and what labels cannot be."""
        for name in found:
            at = here.at(what, name)
            if what == "labels" and name == "__name__":
                self.add(at, "__name__ is the name of the metric, and no rule sets it: remove it", "bad-label-name")
            elif not name or (self.version < _UTF8 and not _LABEL.match(name)):
                message = f"{name!r} is no name of a {what.removesuffix('s')}: use letters, digits and _"
                self.add(at, message, "bad-label-name")

    def expression(self, rule: dict[str, Value], here: Origin, purpose: Purpose) -> Expression | None:
        text = self.text(rule, "expr", here)
        if not text:
            if not isinstance(rule.get("expr"), dict | list):
                self.add(here.at("expr"), "a rule needs an expression: write expr: ...", "no-expr")
            return None
        if self.dialect is None and _PIPE.search(_QUOTED.sub("", text)):
            return None  # LogQL: the rules of Loki are in files of the same form
        try:
            return Expression(text, promql.parse(text, version=self.version), purpose)
        except promql.PromqlError as error:
            at = here.at("expr", span=error.span)
            self.add(at, f"PromQL does not parse: {error.message}", "promql-syntax")
            return None

    def time(self, value: dict[str, Value], key: str, here: Origin) -> timedelta | None:
        text = self.text(value, key, here)
        if text is None:
            return None
        found = timedelta(0) if text == "0" else duration.parse(text)
        if found is None:
            self.add(here.at(key), f"{text!r} is no duration: write it like 5m", "no-duration")
        return found

    def text(self, value: dict[str, Value], key: str, here: Origin) -> str | None:
        found = value.get(key)
        if isinstance(found, dict | list):
            kind = "map" if isinstance(found, dict) else "list"
            self.add(here.at(key), f"{key} is a text, and this is a {kind}", "wrong-type")
            return None
        return None if found is None else str(found)

    def texts(self, value: dict[str, Value], key: str, here: Origin) -> dict[str, str]:
        found = value.get(key) or {}
        if not isinstance(found, dict):
            self.add(here.at(key), f"{key} is no map: write {key}: {{name: value}}", "not-a-map")
            return {}
        return {name: self.text(found, name, here.at(key)) or "" for name in found}

    def maps(self, value: Value, origin: Origin, what: str) -> Iterator[tuple[Keys, dict[str, Value]]]:
        if value is not None and not isinstance(value, list):
            self.add(origin, f"{what} is expected in a list: write - before it", "not-a-list")
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield (index,), item
            elif item is None:
                message = f"{what} is empty here, and Prometheus passes over it: remove the -"
                self.add(origin.at(index), message, "empty-entry", Level.WARNING)
            else:
                self.add(origin.at(index), f"{what} is a map of keys, and this is none", "not-a-map")

    def unknown(self, at: Origin, key: str, known: tuple[str, ...]) -> None:
        near = get_close_matches(key, known, 1)
        inside = "annotations" if key in ("summary", "description", "runbook_url", "message") else "labels"
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
        if "annotations" in known and key in ("summary", "description", "runbook_url", "message", "severity"):
            hint = f"write it under {inside}:"
        self.add(at, f"unknown field {key!r}: {hint}", "unknown-field")
