"""A look back at what the server no longer has.

Prometheus forgets what is older than its retention: a range or an offset beyond it reads less than it says, or nothing,
and nobody is told.

Bad:

    increase(app_requests_total[30d])

    app_queue_length offset 4w

Good:

    increase(app_requests_total[7d])

    app_queue_length offset 1w

    max_over_time(app_queue_length[1d:5m] offset 1w)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.problem import Level
from llmmon.promql import Range, Selector, Subquery, looks_back, printer
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    if facts.retention is None:
        return
    most = duration.milliseconds(facts.retention)
    if looks_back(written.expr) <= most:
        return
    kept = f"the server keeps {printer.duration(most)}"
    for node in written.parts:
        if isinstance(node, Range | Subquery) and node.range > most:
            message = f"a range of {printer.duration(node.range)} reads less than it says, because {kept}: record it"
            yield Finding("Q014", message, node.span)
            return
        if isinstance(node, Selector | Subquery) and node.offset > most:
            message = f"an offset of {printer.duration(node.offset)} finds nothing, because {kept}: write a shorter one"
            yield Finding("Q015", message, node.span)
            return
    back = printer.duration(looks_back(written.expr))
    message = f"ranges and offsets look back {back} together, and {kept}: shorten one of them"
    yield Finding("Q014", message, written.expr.span)


RULE = Rule(
    Expression,
    check,
    {"Q014": Level.WARNING, "Q015": Level.WARNING},
    frozenset(("retention",)),
    peers=("pint promql/range_query", "pint promql/offset", "promruval expressionDoesNotUseOlderDataThan"),
)
