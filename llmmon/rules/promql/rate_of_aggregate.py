"""The rate of what is no counter any more: of a sum, or of a rate.

A sum of counters falls when one of them starts again or a target goes away, and `rate()` takes every fall for a restart
of the whole: the result jumps to what all of them have counted. Take the rate first, then sum. The rate of a rate is
how much it rose, restarts that are none included: nobody means that.

Bad:

    rate(sum(app_requests_total)[5m:1m])

    rate(job:http_requests:rate5m[10m])

    increase(rate(app_requests_total[5m])[1h:])

Good:

    sum(rate(app_requests_total[5m]))

    deriv(job:http_requests:rate5m[10m])

    sum_over_time(rate(app_requests_total[5m])[1h:1m])
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Range
from llmmon.promql.fold import RATES, bare, raw
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_MIXING = ("avg", "max", "min", "sum")
_NAMED = re.compile(r":i?rate[0-9]*[smhdw]?$").search
_SUM = "falls whenever one of its counters does: take the rate first, sum({func}(...[5m]))"
_RATE = "is a rate already: leave the outer {func} out, or write deriv or delta"


def check(call: Call, facts: Facts) -> Iterator[Finding]:
    if call.func not in RATES:
        return
    arg = call.args[0]
    head = (call.span[0], call.span[0] + len(call.func))
    if isinstance(arg, Range):
        name = arg.selector.name
        if name is None or ":" not in name:
            return  # who records under a name without one may give an old name to what is still a counter elsewhere
        known = facts.series(name)
        if known.sum:
            yield Finding("Q022", f"{name} {_SUM.format(func=call.func)}", head)
        elif known.rate or (known.type is None and _NAMED(name)):
            yield Finding("Q023", f"{name} {_RATE.format(func=call.func)}", head)
    elif (inner := _below(arg)) is not None:
        if isinstance(inner, Call):
            yield Finding("Q023", f"{inner.func} {_RATE.format(func=call.func)}", head)
        elif any(facts.type(selector.name) == "counter" for selector in raw(inner.expr)):
            yield Finding("Q022", f"this {inner.op} {_SUM.format(func=call.func)}", head)


def _below(arg: Expr) -> Aggregate | Call | None:
    """What a subquery is of: a mixture, or a rate, summed or not."""
    node = bare(getattr(arg, "expr", arg))
    outermost = node
    while isinstance(node, Aggregate) and node.op in _MIXING:
        node = bare(node.expr)
    if isinstance(node, Call) and node.func in RATES:
        return node
    return outermost if isinstance(outermost, Aggregate) and outermost.op in _MIXING else None


RULE = Rule(
    Call,
    check,
    {"Q022": Level.ERROR, "Q023": Level.WARNING},
    peers=("pint promql/rate", "promruval expressionUsesRateBeforeAggregation"),
    names=RATES,
)
