"""Rules of one file with the same name and the same labels, as promtool counts them.

promtool warns of these whatever their expressions are. Many are meant: two ways to the same trouble, or parts of one
series. What is certainly there twice is said by another rule.

Bad:

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
          - alert: HighErrorRate
            expr: job:failures:ratio > 0.05

Good:

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.2
            labels: {severity: critical}

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
          - record: HighErrorRate
            expr: vector(1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, RecordingRule


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    del facts
    first: dict[object, AlertingRule | RecordingRule] = {}
    for group in rules.groups:
        for rule in (rule for rule in group.rules if "labels" not in rule.unread):
            key = isinstance(rule, AlertingRule), rule.name, *sorted(group.labels_of(rule).items())
            other = first.setdefault(key, rule)
            if other is not rule:
                message = (
                    f"{rule.name} has a twin of the same labels in this file: rename one, or give it another label"
                )
                yield Finding("R021", message, origin=rule.origin, related=(other.origin,))


RULE = Rule(Rules, check, {"R021": Level.WARNING}, peers=("promtool check rules --lint",), default=False)
