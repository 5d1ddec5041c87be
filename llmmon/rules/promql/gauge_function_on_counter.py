"""The delta, trend or mean of a counter.

`delta()`, `deriv()`, `predict_linear()` and the means over time take a restart, after which a counter begins at 0
again, for a fall of the value.

Bad:

    delta(app_requests_total[1h])

    avg_over_time(app_errors_total[5m])

Good:

    increase(app_requests_total[1h])

    delta(app_queue_length[1h])

    max_over_time(app_errors_total[5m])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Binary, Call, Range, children
from llmmon.promql.fold import bare, constant
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_INSTEAD = {
    "delta": "increase",
    "idelta": "irate",
    "deriv": "rate",
    "predict_linear": "predict_linear over a recorded increase",
    "avg_over_time": "rate",
    "stddev_over_time": "stddev_over_time over a recorded rate",
    "stdvar_over_time": "stdvar_over_time over a recorded rate",
    "quantile_over_time": "quantile_over_time over a recorded rate",
    "mad_over_time": "mad_over_time over a recorded rate",
    "sum_over_time": "increase",
}


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    if not any(_counter(call, facts) for call in written.of(Call) if call.func in _INSTEAD):
        return
    todo = [(written.expr, False)]
    while todo:
        node, compared = todo.pop()
        if isinstance(node, Call) and node.func in _INSTEAD:
            yield from _call(node, compared, facts)
        elif isinstance(node, Call) and node.func in ("abs", "clamp_min") and _is_trend(node):
            continue  # what falls is cut off, or meant to be seen: somebody knows what it does
        below = [(child, compared or _is_bounded(node)) for child in children(node)]
        if isinstance(node, Binary) and node.op == "/":
            below = [(node.lhs, compared), (node.rhs, True)]
        todo += reversed(below)


def _is_trend(call: Call) -> bool:
    inner = bare(call.args[0])
    return (
        isinstance(inner, Call)
        and inner.func in ("delta", "deriv", "idelta")
        and (call.func == "abs" or constant(call.args[1]) == 0)
    )


def _is_bounded(node: Expr) -> bool:
    return isinstance(node, Call) and node.func == "clamp_min"


def _call(call: Call, compared: bool, facts: Facts) -> Iterator[Finding]:
    """What is wrong with one call; where something is `compared` with it, a rate would be of another size."""
    if name := _counter(call, facts):
        instead = f"write {_INSTEAD[call.func]}"
        if compared and _INSTEAD[call.func] in ("rate", "irate"):
            instead = "compare with an earlier increase"
        message = f"{name} is a counter, which {call.func} misreads at each restart: {instead}"
        yield Finding("Q021", message, (call.span[0], call.span[0] + len(call.func)))


def _counter(call: Call, facts: Facts) -> str | None:
    """The counter of which it is asked; a name may promise to be one, and be none."""
    ranged = call.args[-1] if isinstance(call.args[-1], Range) else call.args[0]
    if isinstance(ranged, Range) and facts.series(ranged.selector.name).type == "counter":
        return ranged.selector.name
    return None


RULE = Rule(
    Expression,
    check,
    {"Q021": Level.WARNING},
    peers=("pint promql/counter",),
    words=tuple(sorted(_INSTEAD)),
    advice=frozenset(("Q021",)),
)
