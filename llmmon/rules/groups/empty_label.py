"""A label with nothing in it, which is no label.

Prometheus leaves a label without a value away. Where the expression can have a label of that name an empty one removes
it, which may be meant; where it cannot, nothing happens.

Bad:

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: sum by (job) (rate(errors_total[5m])) > 5
            labels: {severity: warning, team: ""}

Good:

    groups:
      - name: api
        rules:
          - record: job:errors:rate5m
            expr: rate(errors_total[5m])
            labels: {instance: ""}
          - alert: HighErrorRate
            expr: sum by (job) (rate(errors_total[5m])) > 5
            labels: {severity: warning, team: api}

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: sum by (job, team) (rate(errors_total[5m])) > 5
            labels: {team: ""}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import result_labels
from llmmon.rule import Edit, Finding, Group, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Selector
    from llmmon.rule import Facts


def check(group: Group, facts: Facts) -> Iterator[Finding]:
    for rule in group.rules:
        empty = [name for name, value in rule.labels.items() if not value]
        if not empty or rule.expression is None:
            continue

        def labels(selector: Selector) -> frozenset[str] | None:
            return facts.series(selector.name).labels

        has = result_labels(rule.expression.expr, labels)
        for name in empty:
            if name not in has and name not in group.labels:
                keys = ("labels", name)
                message = f"{name} is empty, which is the same as no label: write its value, or remove it"
                yield Finding("R038", message, keys=keys, origin=rule.origin, edits=(Edit(None, keys=keys),), safe=True)


RULE = Rule(Group, check, {"R038": Level.NOTE}, peers=("promruval nonEmptyLabels",))
