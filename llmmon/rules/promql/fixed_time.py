"""A rule that reads the future, or for ever the same moment.

A rule is evaluated now: with a negative offset there is nothing to read yet, and what `@` fixes is the same at every
evaluation until the server has forgotten it.

Bad:

    rate(app_requests_total[5m] offset -1h)

    app_queue_length @ 1609746000

Good:

    rate(app_requests_total[5m] offset 1h)

    app_queue_length @ end()

Good (panel):

    app_queue_length offset -1d
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector, Subquery
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    if written.purpose not in ("alert", "record"):
        return
    for node in written.parts:
        if not isinstance(node, Selector | Subquery):
            continue
        if node.offset < 0:
            message = "a rule that looks into the future finds nothing there: write a positive offset"
            yield Finding("Q017", message, node.span)
        elif isinstance(node.at, float | int):
            yield Finding(
                "Q017", "this is the same moment at every evaluation: leave @ out, or write offset", node.span
            )


RULE = Rule(Expression, check, {"Q017": Level.WARNING}, words=("@", "offset", "OFFSET"))
