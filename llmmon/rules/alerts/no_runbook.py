"""Alerts that say nothing of what to do.

At three in the morning somebody who has never seen the alert wants to know what to do. Where no alert of a file links
to a runbook that is said once; where some do, each that does not is named.

Bad:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      annotations: {summary: Answers are slow}

Good:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      annotations: {summary: Answers are slow, runbook_url: "https://runbooks.example/HighLatency"}

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      annotations: {summary: Answers are slow, runbook: "https://runbooks.example/HighLatency"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import AlertingRule, Facts


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    del facts
    without = [rule for rule in rules.alerts if not _has_runbook(rule)]
    advice = "write runbook_url: https://..."
    if without and len(without) == len(rules.alerts):
        many = f"none of these {len(without)} alerts says" if len(without) > 1 else f"{without[0].name} does not say"
        yield Finding("A021", f"{many} what to do: {advice}", origin=without[0].origin)
        return
    for rule in without:
        yield Finding("A021", f"{rule.name} does not say what to do, as others here do: {advice}", origin=rule.origin)


def _has_runbook(rule: AlertingRule) -> bool:
    unread = not rule.unread.isdisjoint(("annotations", "labels"))
    return unread or any(name.startswith("runbook") for name in (*rule.annotations, *rule.labels))


RULE = Rule(Rules, check, {"A021": Level.NOTE})
