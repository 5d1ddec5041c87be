"""A counter shown, recorded or compared with a limit as it stands.

The value of a counter says how long its process has been running: it only ever rises, and falls to 0 at a restart. An
alert on `errors_total > 10` fires from the tenth error on until somebody restarts the process. Only what a schema
calls a counter is reported: a gauge may be named `_total` by mistake.

Bad:

    app_denials_total

    sum by (type) (app_events_total)

    sum(app_errors_total) > 10

Good:

    rate(app_denials_total[5m])

    sum by (type) (increase(app_events_total[1h]))

    count(app_events_total)

    app_events_total - app_events_total offset 1h

    app_errors_total > 0

    app_build_info
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Selector
from llmmon.promql.fold import bare, constant
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_KEEPING = ("sum", "avg", "max", "topk", "bottomk")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    compared = written.compared
    if compared is None and written.purpose == "alert":
        return
    if compared and (compared[1] not in (">", ">=") or not 0 < compared[2] < math.inf):
        return  # whether there was any is a question to a counter
    node = _scaled(compared[0] if compared else written.expr)
    while isinstance(node, Aggregate) and node.op in _KEEPING:
        node = _scaled(node.expr)
    if isinstance(node, Selector) and facts.series(node.name).type == "counter":
        if node.name and node.name.endswith("_bucket"):
            return  # a heatmap may show what has been since the start
        message = f"{node.name} is a counter, whose value means nothing: write rate({node.name}[5m])"
        yield Finding("Q019", message, node.span)


def _scaled(expr: Expr) -> Expr:
    """Without parentheses and without factors."""
    node = bare(expr)
    while isinstance(node, Binary) and node.op in "*/" and constant(node.rhs) is not None:
        node = bare(node.lhs)
    return node


RULE = Rule(Expression, check, {"Q019": Level.WARNING}, frozenset(("schema",)), peers=("pint promql/counter",))
