"""A query in a text that does not parse.

`{{ query "..." }}` is looked at only when the alert fires. If it does not parse, the notification says
"error expanding template" in place of what somebody needs to know at that moment.

Bad:

    expr: up == 0
    annotations: {summary: '{{ with query "sum(up{job=chat})" }}{{ . | first | value }}{{ end }}'}

Good:

    expr: up == 0
    annotations: {summary: '{{ with query "sum(up{job=\\"chat\\"})" }}{{ . | first | value }}{{ end }}'}

    expr: up == 0
    annotations: {summary: '{{ query (printf "up{job=%q}" $labels.job) | first | value }}'}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.documents import templates
from llmmon.gotemplate import Template, commands
from llmmon.problem import Level
from llmmon.promql.tokens import unquote
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    for written in templates.of(rule, facts, "query"):
        if not isinstance(written.found, Template):
            continue
        for function, *arguments in commands(written.found):
            if function.text == "query" and len(arguments) == 1 and arguments[0].kind == "string":
                text = unquote(arguments[0].text) or ""
                try:
                    promql.parse(text, version=facts.version)
                except promql.PromqlError as error:
                    message = f"this query does not parse: {error.message}"
                    yield Finding("T008", message, arguments[0].span, written.keys)


RULE = Rule(AlertingRule, check, {"T008": Level.ERROR}, peers=("pint alerts/template",))
