"""The highest few, chosen anew at every point of a graph.

`topk` picks its series at each step: over an hour a graph of the top 10 has many more than ten lines, each with holes.
The highest few belong in a table or a bar gauge, at one instant. In Grafana's JSON only a panel is reported that shows
one value of each series, and has more than ten of them because it is asked over a range; lines may be meant so.

Bad:

    topk(10, sum by (model) (rate(app_requests_total[5m])))

Good:

    sum by (model) (rate(app_requests_total[5m]))

    scalar(topk(1, app_queue_length))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate
from llmmon.promql.fold import bare
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


_OF_SERIES = ("bargauge", "piechart")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    node = bare(written.expr)
    grafana = written.beside is not None
    if grafana and written.kind not in _OF_SERIES:
        return
    if not written.instant and isinstance(node, Aggregate) and node.op in ("topk", "bottomk"):
        message = f"{node.op} chooses anew at every point of a graph: write top: N, or as: table"
        if grafana:
            message = f"{node.op} over a range gives all that were ever among them: write instant: true, range: false"
        yield Finding("Q070", message, (node.span[0], node.span[0] + len(node.op)))


RULE = Rule(Expression, check, {"Q070": Level.NOTE})
