"""The value of an alert in one of its labels.

Labels are an alert's identity. With the value among them, each evaluation that finds another value makes a new alert,
whose `for` begins again: it never fires, or a new one fires every minute and the old one is resolved.

Bad:

    expr: app_queue_length > 100
    labels: {severity: warning, depth: "{{ $value }}"}

    expr: app_queue_length > 100
    labels: {depth: '{{ printf "%.0f" .Value }}'}

Good:

    expr: app_queue_length > 100
    labels: {severity: warning}
    annotations: {description: "{{ $value }} wait"}

    expr: app_queue_length > 100
    labels: {severity: '{{ if gt $value 1000.0 }}critical{{ else }}warning{{ end }}'}

    expr: app_queue_length > 100
    labels: {model: "{{ $labels.model }}"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.gotemplate import Template, printed
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if not any("{{" in text for text in rule.labels.values()):
        return
    for written in templates.of(rule, facts):
        if written.keys[0] == "labels" and isinstance(written.found, Template):
            values = (
                op for command in printed(written.found) for op in command if _is_value(op.kind, op.text, op.fields)
            )
            if value := next(values, None):
                name = written.keys[1]
                message = f"the value is in the label {name}, so each value is another alert: put it into an annotation"
                yield Finding("T004", message, value.span, written.keys)


def _is_value(kind: str, text: str, fields: tuple[str, ...]) -> bool:
    return text == "$value" or (kind == "field" and fields[:1] == ("Value",))


RULE = Rule(AlertingRule, check, {"T004": Level.WARNING}, peers=("pint alerts/template",))
