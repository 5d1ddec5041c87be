"""A number that is printed as if it were something else, or a format without a value for each of its verbs.

`$value` is a floating-point number. Go prints it under `%d` as `%!d(float64=0.5)`, and under `%s` as
`%!s(float64=0.5)`: that is what people read in the middle of the night. A verb without a value is `%!s(MISSING)`, a
value without a verb `%!(EXTRA string=x)`, and a lone percent sign `%!(NOVERB)`.

Bad:

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%d" $value }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ $value | printf "%s requests" }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%s has %.0f" $value }} waiting'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%.0f%" $value }} of the queue'}

Good:

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%.0f" $value }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ $value | humanize | printf "%s requests" }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%s: %v" $labels.model $value }} wait'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%.0f%%" $value }} of the queue'}

    expr: app_queue_length > 5
    annotations: {summary: '{{ printf "%d" (len $labels.model) }}'}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents import templates
from llmmon.gotemplate import Template, pipelines
from llmmon.problem import Level
from llmmon.promql.tokens import unquote
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.gotemplate import Operand
    from llmmon.problem import Keys, Span
    from llmmon.rule import Facts

_VERB = lazily.pattern(r"%(?P<star>[-+# 0]*(?:\*|[0-9]+)?(?:\.(?:\*|[0-9]*))?)(?P<verb>[a-zA-Z%])")
_INSTEAD = {"d": "%.0f", "i": "%.0f", "s": "%v", "q": "%v"}
_OF_FLOATS = frozenset("bceEfFgGvxXT")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    said: set[tuple[Keys, Span]] = set()
    for written in templates.of(rule, facts):
        if isinstance(written.found, Template) and "printf" in written.text:
            for found in _of_values(written.found, written.keys):
                said.add((written.keys, found[0]))
                yield found[1]
    for written, results in templates.executed(rule, facts):
        for wrong in (wrong for result in results for wrong in result.misfits):
            span = wrong.command[0].span
            if (written.keys, span) not in said:
                said.add((written.keys, span))
                whole = span[0], wrong.command[-1].span[1]
                yield Finding("T011", wrong.says, whole, written.keys)


def _of_values(template: Template, keys: Keys) -> Iterator[tuple[Span, Finding]]:
    """Where the value of the alert has a wrong verb, in all branches; each with the place of its printf."""
    for pipeline in pipelines(template):
        for index, command in enumerate(pipeline.commands):
            piped = pipeline.commands[index - 1] if index else ()
            for verb, place, operand in _printed(command, piped):
                message = f"%{verb} is not for numbers like {operand.text}: write %.0f, %g or %v"
                edits = (Edit(_INSTEAD.get(verb, "%g"), place, keys),) if place else ()
                yield command[0].span, Finding("T011", message, operand.span, keys, edits=edits)


def _printed(command: tuple[Operand, ...], piped: tuple[Operand, ...]) -> Iterator[tuple[str, Span | None, Operand]]:
    """The verbs that do not fit the value of the alert, where it is certain which argument each is for.

    Each with its place in the template, where it is a verb alone.
    """
    function, *arguments = command
    if function.text != "printf" or not arguments or arguments[0].kind != "string":
        return
    given = [*arguments[1:], *((piped[0] if len(piped) == 1 else function,) if piped else ())]
    raw, start = arguments[0].text, arguments[0].span[0] + 1
    text = unquote(raw) or ""
    found = [found for found in _VERB.finditer(text) if found["verb"] != "%"]
    if any("*" in one["star"] for one in found):
        return
    for one, operand in zip(found, given, strict=False):
        if templates.is_value(operand) and one["verb"] not in _OF_FLOATS:
            alone = not one["star"] and raw[1:-1] == text  # no escapes, so that places are the same
            yield one["verb"], (start + one.start(), start + one.end()) if alone else None, operand


RULE = Rule(AlertingRule, check, {"T011": Level.WARNING}, executed=True)
