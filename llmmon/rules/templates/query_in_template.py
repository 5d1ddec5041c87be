"""A query in a text that does not parse, reads a metric that does not exist, or lacks a label that is read from it.

`{{ query "..." }}` is looked at only when the alert fires. If it does not parse, the notification says
"error expanding template" in place of what somebody needs to know at that moment; without the metric or the label it
says nothing there.

Bad:

    expr: up == 0
    annotations: {summary: '{{ with query "sum(up{job=chat})" }}{{ . | first | value }}{{ end }}'}

    expr: up == 0
    annotations: {summary: '{{ range query "sum by (job) (up)" }}{{ .Labels.instance }}{{ end }}'}

    expr: up == 0
    annotations: {summary: '{{ query "sum(app_requests_totl)" | first | value }}'}

Good:

    expr: up == 0
    annotations: {summary: '{{ with query "sum(up{job=\\"chat\\"})" }}{{ . | first | value }}{{ end }}'}

    expr: up == 0
    annotations: {summary: '{{ query (printf "up{job=%q}" $labels.job) | first | value }}'}

    expr: up == 0
    annotations: {summary: '{{ range query "sum by (job) (up)" }}{{ .Labels.job }}{{ end }}'}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.documents import templates
from llmmon.gotemplate import Template, commands
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.promql.fold import selectors
from llmmon.promql.tokens import unquote
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.gotemplate import Operand
    from llmmon.problem import Keys
    from llmmon.rule import Facts

_ALWAYS = ("__name__", "__value__")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    for written in templates.of(rule, facts):
        if isinstance(written.found, Template) and "query" in written.text:
            for function, *arguments in commands(written.found):
                if function.text == "query" and len(arguments) == 1 and arguments[0].kind == "string":
                    yield from _query(arguments[0], written.keys, facts)
    for written, results in templates.executed(rule, facts):
        reads = {read.span: read for result in results for read in result.reads if read.map.name == "query"}
        for span, read in reads.items():
            if read.key not in _ALWAYS:
                had = ", ".join(sorted(read.map)) or "none"
                message = f"the query gives no label {read.key}: keep it in by (...); it gives {had}"
                yield Finding("T009", message, span, written.keys)


def _query(operand: Operand, keys: Keys, facts: Facts) -> Iterator[Finding]:
    try:
        expr = promql.parse(unquote(operand.text) or "", version=facts.version)
    except promql.PromqlError as error:
        yield Finding("T008", f"this query does not parse: {error.message}", operand.span, keys)
        return
    if facts.schema is not None:
        for name in dict.fromkeys(selector.name or "" for selector in selectors(expr)):
            if facts.unknown(name):
                near = get_close_matches(name, facts.declared, 1, 0.8)
                hint = f"did you mean {near[0]}?" if near else "declare it, or remove what reads it"
                yield Finding("T010", f"this query reads the unknown metric {name}: {hint}", operand.span, keys)


RULE = Rule(
    AlertingRule,
    check,
    {"T008": Level.ERROR, "T009": Level.WARNING, "T010": Level.ERROR},
    peers=("pint alerts/template",),
    executed=True,
    advice=frozenset(("T009",)),
)
