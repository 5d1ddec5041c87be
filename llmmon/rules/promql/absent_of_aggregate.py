"""An `absent` that loses its labels, or that is never true.

`absent(up{job="api"})` says whose series is missing, because it reads the matchers. Around an aggregation it asks the
same and says nothing: the alert has no labels, and goes to whoever takes the rest. What always has a result is never
absent.

Bad:

    absent(sum(up{job="api"}))

    absent(sum(app_denials_total) or vector(0))

Good:

    absent(up{job="api"})

    absent(up{job="api"} == 1)

    absent(count(up{job="api"}) > 3)

    absent(sum by (job) (app_queue_length) / sum by (job) (app_jobs))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Selector, to_text
from llmmon.promql.always import always
from llmmon.promql.fold import bare
from llmmon.rule import Edit, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, Purpose

_ALL = frozenset(("avg", "count", "group", "max", "min", "stddev", "stdvar", "sum"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    for call in written.of(Call):
        if call.func in ("absent", "absent_over_time"):
            yield from _call(call, written.purpose)


def _call(call: Call, purpose: Purpose) -> Iterator[Finding]:
    head = (call.span[0], call.span[0] + len(call.func))
    arg = getattr(call.args[0], "expr", call.args[0]) if call.func == "absent_over_time" else call.args[0]
    if always(arg):
        yield Finding("Q056", f"this always has a result, so {call.func} never does: leave the default out", head)
        return
    node = inner = bare(arg)
    while isinstance(inner, Aggregate) and inner.op in _ALL:
        inner = bare(inner.expr)
    if purpose == "panel":
        return  # where nobody looks at the labels
    if call.func == "absent" and isinstance(node, Aggregate) and isinstance(inner, Selector) and _says_whose(inner):
        said = to_text(inner)
        message = f"the {node.op} takes the labels away: write absent({said})"
        yield Finding("Q055", message, node.span, edits=(Edit(said, node.span),))


def _says_whose(selector: Selector) -> bool:
    return any(matcher.op == "=" and matcher.value and matcher.label != "__name__" for matcher in selector.matchers)


RULE = Rule(
    Expression,
    check,
    {"Q055": Level.WARNING, "Q056": Level.WARNING},
    peers=("pint alerts/absent",),
    words=("absent",),
)
