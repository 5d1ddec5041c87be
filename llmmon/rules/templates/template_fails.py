"""A template that parses, and fails when the alert fires.

promtool looks at the form of a template alone. What a function gets is seen only when there is an alert: then the
notification says "error expanding template" in place of what somebody needs to know at that moment. Here each template
is executed on samples as the expression could give them.

Bad:

    expr: app_queue_length > 5
    annotations: {summary: "{{ if gt $value 100 }}very {{ end }}long"}

    expr: app_queue_length > 5
    annotations: {summary: "{{ $value | toUpper }}"}

    expr: app_queue_length > 5
    annotations: {summary: '{{ query "up" | value }}'}

    expr: app_queue_length > 5
    labels: {host: "{{ .Label.instance }}"}

Good:

    expr: app_queue_length > 5
    annotations: {summary: "{{ if gt $value 100.0 }}very {{ end }}long"}

    expr: app_queue_length > 5
    annotations: {summary: "{{ $labels.model | toUpper }} {{ $value | humanize }}"}

    expr: app_queue_length > 5
    annotations: {summary: '{{ query "up" | first | value }}'}

    expr: app_queue_length > 5
    labels: {host: "{{ .Labels.instance }}"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    for written, results in templates.executed(rule, facts):
        failure = next((result.failure for result in results if result.failure), None)
        if failure:
            message = f"this template fails when the alert fires: {failure.message}"
            edits = () if failure.instead is None else (Edit(failure.instead[1], failure.instead[0], written.keys),)
            yield Finding("T002", message, failure.span, written.keys, edits=edits)


RULE = Rule(AlertingRule, check, {"T002": Level.ERROR}, peers=("pint alerts/template",), executed=True)
