"""Prometheus rule files: YAML becomes alerting and recording rules with their places, and what is wrong with its
form becomes problems."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from llmmon import duration, promql
from llmmon.problem import Level, Origin, Problem
from llmmon.rule import AlertingRule, Expression, RecordingRule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from llmmon.problem import Keys
    from llmmon.promql import Version
    from llmmon.rule import Purpose
    from llmmon.source import Document, Value

_TOP = ("groups",)
_GROUP = ("name", "interval", "query_offset", "limit", "labels", "rules", "partial_response_strategy", "source_tenants")
_ALERT = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_RECORD = ("record", "expr", "labels")
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


def read(value: Value, document: Document, version: Version) -> Read:
    """The rules of a document. A list of rules without groups is an error, and its rules are looked at all the same."""
    origin = Origin(document)
    reader = _Reader(version)
    if isinstance(value, list):
        message = "these rules are in no group, so Prometheus reads none: write groups: [{name: NAME, rules: [...]}]"
        reader.add(origin, message, "rules-without-group")
        reader.rules(value, origin)
    elif isinstance(value, dict):
        reader.file(value, origin)
    return Read(Rules(tuple(reader.alerts), tuple(reader.recordings)), reader.problems)


class _Reader:
    def __init__(self, version: Version) -> None:
        self.version = version
        self.alerts: list[AlertingRule] = []
        self.recordings: list[RecordingRule] = []
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
            elif key not in _TOP:
                self.unknown(origin.at(key), key, _TOP)
        names: dict[str, Origin] = {}
        for keys, group in self.maps(value.get("groups"), origin.at("groups"), "a group"):
            here = origin.at("groups", *keys)
            name = str(group.get("name") or "")
            if not name:
                self.add(here, "a group needs a name: write name: NAME", "group-name")
            elif name in names:
                message = f"there is another group {name!r} ({names[name]}): rename one"
                self.add(here.at("name"), message, "group-name")
            names.setdefault(name, here)
            for key in group:
                if key not in _GROUP:
                    self.unknown(here.at(key), key, _GROUP)
            self.time(group, "interval", here)
            self.rules(group.get("rules"), here.at("rules"))

    def rules(self, value: Value, origin: Origin) -> None:
        for keys, rule in self.maps(value, origin, "a rule"):
            here = origin.at(*keys)
            if "alert" in rule and "record" in rule:
                self.add(here, "a rule has alert: or record:, not both: make two of it", "alert-and-record")
            elif "alert" in rule:
                self.alert(rule, here)
            elif "record" in rule:
                self.record(rule, here)
            else:
                self.add(here, "a rule needs alert: NAME or record: NAME", "no-name")

    def alert(self, rule: dict[str, Value], here: Origin) -> None:
        self.fields(rule, here, _ALERT)
        hold = self.time(rule, "for", here)
        self.time(rule, "keep_firing_for", here)
        expression = self.expression(rule, here, "alert")
        labels, annotations = self.texts(rule, "labels", here), self.texts(rule, "annotations", here)
        self.alerts.append(AlertingRule(str(rule["alert"]), expression, hold, labels, annotations, here))

    def record(self, rule: dict[str, Value], here: Origin) -> None:
        self.fields(rule, here, _RECORD)
        expression = self.expression(rule, here, "record")
        self.recordings.append(RecordingRule(str(rule["record"]), expression, self.texts(rule, "labels", here), here))

    def fields(self, rule: dict[str, Value], here: Origin, known: tuple[str, ...]) -> None:
        for key in rule:
            if key not in known:
                self.unknown(here.at(key), key, known)

    def expression(self, rule: dict[str, Value], here: Origin, purpose: Purpose) -> Expression | None:
        if rule.get("expr") is None or isinstance(rule["expr"], dict | list):
            self.add(here.at("expr"), "a rule needs an expression: write expr: ...", "no-expr")
            return None
        text = str(rule["expr"])
        if _PIPE.search(_QUOTED.sub("", text)):
            return None  # LogQL: the rules of Loki are in files of the same form
        try:
            return Expression(text, promql.parse(text, version=self.version), purpose)
        except promql.PromqlError as error:
            at = here.at("expr", span=error.span)
            self.add(at, f"PromQL does not parse: {error.message}", "promql-syntax")
            return None

    def time(self, value: dict[str, Value], key: str, here: Origin) -> timedelta | None:
        if value.get(key) is None:
            return None
        found = duration.parse(str(value[key]))
        if found is None:
            self.add(here.at(key), f"{str(value[key])!r} is no duration: write it like 5m", "no-duration")
        return found

    def texts(self, rule: dict[str, Value], key: str, here: Origin) -> dict[str, str]:
        found = rule.get(key) or {}
        if not isinstance(found, dict):
            self.add(here.at(key), f"{key} is no map: write {key}: {{name: value}}", "not-a-map")
            return {}
        return {name: "" if text is None else str(text) for name, text in found.items()}

    def maps(self, value: Value, origin: Origin, what: str) -> Iterator[tuple[Keys, dict[str, Value]]]:
        if value is not None and not isinstance(value, list):
            self.add(origin, f"{what} is expected in a list: write - before it", "not-a-list")
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield (index,), item
            else:
                self.add(origin.at(index), f"{what} is a map of keys, and this is none", "not-a-map")

    def unknown(self, at: Origin, key: str, known: tuple[str, ...]) -> None:
        near = get_close_matches(key, known, 1)
        inside = "annotations" if key in ("summary", "description", "runbook_url", "message") else "labels"
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
        if "annotations" in known and key in ("summary", "description", "runbook_url", "message", "severity"):
            hint = f"write it under {inside}:"
        self.add(at, f"unknown field {key!r}: {hint}", "unknown-field")
