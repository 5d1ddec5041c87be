"""Two alerts that fire together, because they ask the same.

Two names for one condition are two notifications for one trouble, and two thresholds to change. One name twice is
worse: whoever looks it up finds one of them.

Bad:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 5m
    - alert: SLAViolationLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 10m

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.1
      for: 5m
    - alert: HighLatency
      expr: job:latency_seconds:p99 > 0.2
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
      labels: {severity: warning}

    - alert: HighLatency
      expr: job:latency_seconds:p95{job="a"} > 0.1
      labels: {service: a}
    - alert: HighLatency
      expr: job:latency_seconds:p95{job="b"} > 0.1
      labels: {service: b}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import to_text
from llmmon.rule import Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import AlertingRule, Facts


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    del facts
    asked: dict[str, AlertingRule] = {}
    named: dict[tuple[object, ...], AlertingRule] = {}
    for rule in rules.alerts:
        if rule.expression is None:
            continue
        same = asked.setdefault(to_text(rule.expression.expr), rule)
        twin = named.setdefault((rule.name, *sorted(rule.labels.items())), rule)
        if same.name != rule.name and not _is_escalation(same, rule):
            message = f"{rule.name} fires whenever {same.name} does: keep one, or let one mute the other"
            yield Finding("R020", message, origin=rule.origin, related=(same.origin,))
        elif twin is not rule and same.name == rule.name:
            message = f"there is another {rule.name} with the same labels: rename one, or tell them apart by severity"
            yield Finding("R019", message, origin=rule.origin, related=(twin.origin,))


def _is_escalation(first: AlertingRule, second: AlertingRule) -> bool:
    """Whether the second comes later, and louder or quieter."""
    return first.hold != second.hold and first.labels.get("severity") != second.labels.get("severity")


RULE = Rule(Rules, check, {"R019": Level.WARNING, "R020": Level.WARNING}, peers=("pint rule/duplicate",))
