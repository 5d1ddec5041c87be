"""A cause that wakes somebody, although no user may notice.

High CPU or memory is what a machine is there for. What users notice is latency and errors; a cause is a note that
explains those. Only shortly before its limit does it become an outage of its own. An alert with the label
`slo: "true"` is declared to be about what users notice. Nothing is said where nobody reads the severity, and where
all alerts have the same.

Bad:

    alert: HighCPU
    expr: instance:cpu:ratio > 0.85
    for: 15m
    labels: {severity: critical}

    alert: HighMemory
    expr: sum(app_memory_bytes) / sum(app_memory_limit_bytes) > 0.8
    for: 10m
    labels: {severity: critical}

Good:

    alert: HighCPU
    expr: instance:cpu:ratio > 0.85
    for: 15m
    labels: {severity: info}

    alert: HighMemory
    expr: sum(app_memory_bytes) / sum(app_memory_limit_bytes) > 0.95
    for: 10m
    labels: {severity: critical}

    alert: HighErrorRate
    expr: job:errors:ratio > 0.05
    for: 5m
    labels: {severity: critical}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_CAUSE = lazily.pattern(r"High(?P<what>CPU|Cpu|Memory|Mem|Load)|(?P<too>CPU|Cpu|Memory)(?:High|Usage)")
_PAGES = ("critical", "page")
_ALMOST_FULL = 0.9
_BUSY = 0.95
_PERCENT = 10  # less is of another unit, such as GB


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    named = _CAUSE.search(rule.name)
    if not named or not is_cause(rule) or rule.expression is None:
        return
    if rule.labels.get("slo") == "true" or not (facts.varied if facts.routed is None else facts.routed):
        return
    what = (named["what"] or named["too"]).upper()
    found = rule.expression.compared
    limit = found[2] if found else None
    if found and limit and found[1] in ("<", "<="):  # of what is left
        limit = (1 if limit < 1 else 100) - limit
    full = _ALMOST_FULL if what.startswith("MEM") else _BUSY
    if not (limit and (limit < full or _PERCENT < limit < 100 * full)):
        return  # almost full, or of another unit, or nobody can tell
    message = f"{rule.name} is a cause that no user may notice: make it a warning, and page on latency or errors"
    yield Finding("A018", message, keys=("labels", "severity"))


def is_cause(rule: AlertingRule) -> bool:
    """Whether an alert that pages somebody has the name of a cause."""
    return rule.labels.get("severity") in _PAGES and _CAUSE.search(rule.name) is not None


RULE = Rule(AlertingRule, check, {"A018": Level.NOTE}, advice=frozenset(("A018",)))
