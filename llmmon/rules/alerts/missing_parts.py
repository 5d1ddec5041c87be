"""An alert that does not say how bad it is, or what it means.

Without a severity the alert goes wherever the root route leads. Without a summary and a description nobody knows what
it is about.

Bad:

    expr: job:cpu:usage > 0.7
    for: 10m
    annotations: {summary: Consider horizontal scaling, action: Add more replicas}

Good:

    expr: job:cpu:usage > 0.7
    for: 10m
    labels: {severity: warning}
    annotations:
      summary: CPU is high
      description: It has been for ten minutes.

    expr: job:cpu:usage > 0.7
    for: 10m
    labels: {severity: warning}
    annotations: {summary: CPU is high, message: It has been for ten minutes.}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_TEXTS = ("summary", "description", "message", "title")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if "severity" not in rule.labels and "labels" not in rule.unread:
        message = (
            f"{rule.name} has no severity, so no route can tell how bad it is: write labels: {{severity: warning}}"
        )
        yield Finding("A019", message, keys=("labels",))
    if "annotations" in rule.unread:
        return
    if not any(name in rule.annotations for name in _TEXTS):
        yield Finding("A008", f"{rule.name} says nothing to whom it wakes: write a summary and a description")
    elif "description" not in rule.annotations and "message" not in rule.annotations:
        yield Finding("A020", f"{rule.name} has a summary and no description: say what it means", keys=("annotations",))


RULE = Rule(
    AlertingRule,
    check,
    {"A019": Level.WARNING, "A008": Level.WARNING, "A020": Level.NOTE},
    peers=("pint alerts/annotation", "pint rule/label", "mixtool alert-annotations"),
)
