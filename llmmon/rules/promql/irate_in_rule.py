"""An alert on what happened between the last two scrapes.

`irate()` looks at the last two samples of its range and at nothing else: one quiet scrape resets the `for` of an alert,
and a short peak between two evaluations is never seen. It is meant for graphs of fast counters.

Bad (alert):

    sum(irate(app_errors_total[5m])) > 5

Good (alert):

    sum(rate(app_errors_total[5m])) > 5

    max_over_time(sum(irate(app_errors_total[1m]))[5m:30s]) > 5

Good (panel):

    irate(app_errors_total[5m])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Binary, Call, Subquery, walk
from llmmon.rule import Edit, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    compared = written.compared
    if written.purpose != "alert" or (compared and compared[1] not in (">", ">=")):
        return
    smoothed: set[int] = set()
    for node in written.parts:
        if isinstance(node, Subquery):
            smoothed |= {id(part) for part in walk(node.expr)}
        elif isinstance(node, Binary) and node.op == "or":  # what stands in where there is nothing else
            smoothed |= {id(part) for part in walk(node.rhs)}
        if isinstance(node, Call) and node.func == "irate" and id(node) not in smoothed:
            head = (node.span[0], node.span[0] + len("irate"))
            message = "irate sees two samples, and one quiet scrape resets the alert: write rate"
            yield Finding("Q030", message, head, edits=(Edit("rate", head),))


RULE = Rule(
    Expression, check, {"Q030": Level.WARNING}, peers=("promruval expressionDoesNotUseIrate",), words=("irate",)
)
