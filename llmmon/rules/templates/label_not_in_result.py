"""A label in a text that the alert's expression cannot have.

`sum by (job)` leaves the label `job` alone. A text about `{{ $labels.instance }}` then says nothing where the name of
the instance belongs, and nobody notices before the alert fires.

Bad:

    expr: sum by (job) (rate(app_errors_total[5m])) > 1
    annotations: {summary: "{{ $labels.instance }} fails"}

    expr: absent(up{job="chat"})
    annotations: {summary: "{{ $labels.instance }} is gone"}

    expr: count without (instance) (up == 0) > 3
    labels: {host: "{{ $labels.instance }}"}

Good:

    expr: sum by (job, instance) (rate(app_errors_total[5m])) > 1
    annotations: {summary: "{{ $labels.instance }} fails"}

    expr: rate(app_errors_total[5m]) > 1
    annotations: {summary: "{{ $labels.instance }} fails"}

    expr: absent(up{job="chat"})
    annotations: {summary: "{{ $labels.job }} is gone"}

    expr: sum by (job) (rate(app_errors_total[5m])) > 1
    labels: {team: chat}
    annotations: {summary: "{{ $labels.job }} of {{ $externalLabels.cluster }} fails"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.gotemplate import Template, commands
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.gotemplate import Operand
    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None:
        return
    for written in templates.of(rule, facts):
        if not isinstance(written.found, Template):
            continue
        for operand in (op for command in commands(written.found) for op in _read(command)):
            result = rule.expression.flow(facts).labels
            label = operand.fields[-1]
            if label not in result and label != "alertname":
                had = ", ".join(sorted(result.names)) or "none"
                message = f"the expression gives no label {label}: keep it in by (...), or take it out of the text"
                if not result.open:
                    message += f"; it gives {had}"
                yield Finding("T005", message, operand.span, written.keys)


def _read(command: tuple[Operand, ...]) -> Iterator[Operand]:
    """`$labels.x` and `.Labels.x`; what has `.Labels` inside a range or a with is something else's."""
    for operand in command:
        if operand.kind == "variable" and operand.text == "$labels" and len(operand.fields) == 1:
            yield operand


RULE = Rule(AlertingRule, check, {"T005": Level.WARNING}, peers=("pint alerts/template",))
