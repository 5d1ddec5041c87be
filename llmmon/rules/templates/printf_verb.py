"""A number that is printed as if it were something else.

`$value` is a floating-point number. Go prints it under `%d` as `%!d(float64=0.5)`, and under `%s` as
`%!s(float64=0.5)`: that is what people read in the middle of the night.

Bad:

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%d" $value }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ $value | printf "%s requests" }} wait'}

Good:

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%.0f" $value }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ $value | humanize | printf "%s requests" }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%s: %v" $labels.model $value }} wait'}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.gotemplate import Template, pipelines
from llmmon.problem import Level
from llmmon.promql.tokens import unquote
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.gotemplate import Operand
    from llmmon.rule import Facts

_VERB = re.compile(r"%(?P<star>[-+# 0]*(?:\*|[0-9]+)?(?:\.(?:\*|[0-9]*))?)(?P<verb>[a-zA-Z%])")
_OF_FLOATS = frozenset("bceEfFgGvxXT")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    for written in templates.of(rule, facts):
        if isinstance(written.found, Template):
            for pipeline in pipelines(written.found):
                for index, command in enumerate(pipeline.commands):
                    piped = pipeline.commands[index - 1] if index else ()
                    for verb, operand in _printed(command, piped):
                        message = f"%{verb} is not for numbers like {operand.text}: write %.0f, %g or %v"
                        yield Finding("T011", message, operand.span, written.keys)


def _printed(command: tuple[Operand, ...], piped: tuple[Operand, ...]) -> Iterator[tuple[str, Operand]]:
    """The verbs that do not fit the value of the alert, where it is certain which argument each is for."""
    function, *arguments = command
    if function.text != "printf" or not arguments or arguments[0].kind != "string":
        return
    given = [*arguments[1:], *((piped[0] if len(piped) == 1 else function,) if piped else ())]
    found = [found for found in _VERB.finditer(unquote(arguments[0].text) or "") if found["verb"] != "%"]
    if any("*" in one["star"] for one in found):
        return
    for one, operand in zip(found, given, strict=False):
        if _is_value(operand) and one["verb"] not in _OF_FLOATS:
            yield one["verb"], operand


def _is_value(operand: Operand) -> bool:
    return operand.text == "$value" or (operand.kind == "field" and operand.fields == ("Value",))


RULE = Rule(AlertingRule, check, {"T011": Level.WARNING})
