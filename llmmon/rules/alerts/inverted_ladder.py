"""A critical threshold that is reached before the warning's.

The warning then never comes first: who looks after the service is woken before anybody was warned.

Bad:

    - alert: DiskFillsUp
      expr: disk_used_ratio > 0.9
      labels: {severity: warning}
    - alert: DiskFillsUp
      expr: disk_used_ratio > 0.8
      labels: {severity: critical}

Good:

    - alert: DiskFillsUp
      expr: disk_used_ratio > 0.8
      labels: {severity: warning}
    - alert: DiskFillsUp
      expr: disk_used_ratio > 0.9
      labels: {severity: critical}

    - alert: DiskFillsUp
      expr: disk_free_ratio < 0.2
      labels: {severity: warning}
    - alert: DiskFillsUp
      expr: disk_free_ratio < 0.1
      labels: {severity: critical}
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import to_text
from llmmon.rule import Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import AlertingRule, Facts

_NOW = timedelta(0)
_NUMBERS = lazily.pattern(r"[\d.eE\s]+")
_RANKS = {"info": 0, "notice": 0, "warn": 1, "warning": 1, "minor": 1, "major": 2, "error": 2, "critical": 3, "page": 3}


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    del facts
    alike: dict[str, list[AlertingRule]] = {}
    ranks = {rule.labels.get("severity", "") for rule in rules.alerts}
    for rule in rules.alerts if len(ranks) > 1 else ():
        if rule.expression and "for" not in rule.unread and rule.labels.get("severity", "").lower() in _RANKS:
            alike.setdefault(_NUMBERS.sub("", rule.expression.text), []).append(rule)
    for several in alike.values():
        if len({rule.labels["severity"] for rule in several}) > 1:
            yield from _inverted(several)


def _inverted(several: list[AlertingRule]) -> Iterator[Finding]:
    """Of rules whose expressions differ in numbers alone, those that come before a quieter one."""
    first: dict[tuple[str, str], tuple[AlertingRule, float]] = {}
    for rule in sorted(several, key=_rank):
        assert rule.expression
        found = rule.expression.compared
        if found is None or found[1] not in ("<", "<=", ">", ">="):
            continue
        value, op, limit = found
        key = to_text(value), op[0]
        quieter, below = first.setdefault(key, (rule, limit))
        sooner = limit < below if op[0] == ">" else limit > below
        if sooner and _rank(quieter) < _rank(rule) and (rule.hold or _NOW) <= (quieter.hold or _NOW):
            severity, other = rule.labels["severity"], quieter.labels["severity"]
            message = (
                f"{severity} comes at {limit:g}, before {other} at {below:g}: swap the thresholds, or the severities"
            )
            origin = rule.origin.at("expr")
            yield Finding("A013", message, origin=origin, related=(quieter.origin.at("expr"),))


def _rank(rule: AlertingRule) -> int:
    return _RANKS[rule.labels["severity"].lower()]


RULE = Rule(Rules, check, {"A013": Level.WARNING})
