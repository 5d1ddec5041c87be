"""Two alerts that fire together, because they ask the same.

Two names for one condition are two notifications for one trouble, and two thresholds to change. One that waits longer
is another step of the same ladder.

Bad:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 5m
    - alert: SLAViolationLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 5m

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
        if same.name != rule.name and (same.hold or _AT_ONCE) == (rule.hold or _AT_ONCE):
            message = f"{rule.name} fires whenever {same.name} does: keep one, or let one mute the other"
            yield Finding("A022", message, origin=rule.origin, related=(same.origin,))


RULE = Rule(Rules, check, {"A022": Level.WARNING}, advice=frozenset(("A022",)))
