"""A counter shown or recorded as it stands.

The value of a counter says how long its process has been running: it only ever rises, and falls to 0 at a restart.
Only what a schema calls a counter is reported: a gauge may be named `_total` by mistake.

Bad:

    app_denials_total

    sum by (type) (app_events_total)

Good:

    rate(app_denials_total[5m])

    sum by (type) (increase(app_events_total[1h]))

    count(app_events_total)

    app_events_total - app_events_total offset 1h

    app_build_info
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Selector
from llmmon.promql.fold import bare
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_KEEPING = ("sum", "avg", "max", "topk", "bottomk")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    node = bare(written.expr)
    while isinstance(node, Aggregate) and node.op in _KEEPING:
        node = bare(node.expr)
    if isinstance(node, Selector) and written.purpose != "alert" and facts.series(node.name).type == "counter":
        if node.name and node.name.endswith("_bucket"):
            return  # a heatmap may show what has been since the start
        message = f"{node.name} is a counter, whose value means nothing: write rate({node.name}[5m])"
        yield Finding("Q019", message, node.span)


RULE = Rule(Expression, check, {"Q019": Level.WARNING}, frozenset(("schema",)), peers=("pint promql/counter",))
