"""Two alerts that fire together, because they ask the same.

Two names for one condition are two notifications for one trouble, and two thresholds to change.

Bad:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 5m
    - alert: SLAViolationLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 10m

Good:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 5m
      labels: {severity: warning}
    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      for: 5m
      labels: {severity: critical}
    - alert: HighErrorRate
      expr: job:errors:ratio > 0.1
      for: 5m

    - alert: ShardsRelocate
      expr: es_relocating_shards > 0
      labels: {severity: info}
    - alert: ShardsRelocateTooLong
      expr: es_relocating_shards > 0
      for: 15m
      labels: {severity: warning}

    - alert: HighLatency
      expr: job:latency_seconds:p95{job="a"} > 0.1
      labels: {service: a}
    - alert: HighLatency
      expr: job:latency_seconds:p95{job="b"} > 0.1
      labels: {service: b}
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector, to_text
from llmmon.rule import Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import AlertingRule, Facts

_AT_ONCE = timedelta()


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    del facts
    alike: dict[tuple[str | None, ...], list[tuple[AlertingRule, Expr]]] = {}
    for rule in rules.alerts:
        if rule.expression and rule.unread.isdisjoint(("for", "labels")):
            read = tuple([node.name for node in rule.expression.of(Selector)])
            alike.setdefault(read, []).append((rule, rule.expression.expr))  # others are not worth writing out
    for several in alike.values():
        if len(several) > 1:
            yield from _same(several)


def _same(several: list[tuple[AlertingRule, Expr]]) -> Iterator[Finding]:
    asked: dict[str, AlertingRule] = {}
    for rule, expr in several:
        same = asked.setdefault(to_text(expr), rule)
        if same.name != rule.name and not _is_escalation(same, rule):
            late = same if (same.hold or _AT_ONCE) > (rule.hold or _AT_ONCE) else rule
            soon = rule if late is same else same
            first, second = (soon, late) if late.hold != soon.hold else (rule, same)
            message = f"{first.name} fires whenever {second.name} does: keep one, or let one mute the other"
            yield Finding("A022", message, origin=rule.origin, related=(same.origin,))


def _is_escalation(first: AlertingRule, second: AlertingRule) -> bool:
    """Whether the second comes later, and louder or quieter."""
    return first.hold != second.hold and first.labels.get("severity") != second.labels.get("severity")


RULE = Rule(Rules, check, {"A022": Level.WARNING})
