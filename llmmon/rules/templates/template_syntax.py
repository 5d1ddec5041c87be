"""A template that does not parse, or that names a variable or a function that there is not.

Prometheus refuses the whole file: none of its rules is loaded, not only this one.

Bad:

    expr: up == 0
    annotations: {summary: "{{ $label.instance }} is down"}

    expr: up == 0
    annotations: {summary: "{{ $labels.instance } is down"}

    expr: x > 1
    annotations: {summary: "{{ $value | humanise }}"}

    expr: x > 1
    annotations: {summary: "{{ if gt $value 5.0 }}very{{ end }} much{{ end }}"}

Good:

    expr: up == 0
    annotations: {summary: "{{ $labels.instance }} is down"}

    expr: x > 1
    annotations: {summary: "{{ $value | humanize }}"}

    expr: x > 1
    annotations: {summary: '{{ with query "up" }}{{ . | first | value }}{{ else }}none{{ end }}'}

    expr: x > 1
    annotations: {summary: "{{/* nothing */}}{{- $x := .Labels.job -}} {{ $x }}, a { and a }} as text"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import other_engines, templates
from llmmon.gotemplate import TemplateError
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    for written in templates.of(rule, facts):
        if isinstance(written.found, TemplateError):
            wrong = written.found
            code = "T003" if wrong.undefined else "T001"
            edits = (Edit(wrong.meant, wrong.span, written.keys),) if wrong.meant else ()
            advice = other_engines.may_read(wrong, written.text, rule.origin.document.text)
            message = f"this template does not parse: {wrong.message}"
            yield Finding(code, message, wrong.span, written.keys, edits=edits, advice=advice)


RULE = Rule(
    AlertingRule,
    check,
    {"T001": Level.ERROR, "T003": Level.ERROR},
    peers=("promtool", "pint alerts/template"),
    executed=True,
)
