"""The highest few, chosen anew at every point of a graph.

`topk` picks its series at each step: over an hour a graph of the top 10 has many more than ten lines, each with holes.
The highest few belong in a table or a bar gauge, at one instant.

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


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    node = bare(written.expr)
    if not written.instant and isinstance(node, Aggregate) and node.op in ("topk", "bottomk"):
        grafana = written.beside is not None
        advice = "ask it instant, in a table or a bar gauge" if grafana else "write top: N, or as: table"
        message = f"{node.op} chooses anew at every point of a graph: {advice}"
        yield Finding("Q070", message, (node.span[0], node.span[0] + len(node.op)))


RULE = Rule(Expression, check, {"Q070": Level.NOTE})
