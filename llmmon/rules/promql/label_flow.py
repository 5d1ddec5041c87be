"""Labels that cannot be there, and operands that can never meet.

With the labels of all metrics known it is certain that some expressions have no result: a grouping by a label that the
series do not have, two sides of an operator with different labels, several series on a side that may have one.

Bad:

    rate(app_errors_total[5m]) / rate(app_requests_total[5m])

    sum by (tenant) (app_requests_total)

Good:

    sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))

    sum by (model) (app_requests_total)

    sum by (anything) (nobody_knows_this_total)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import problems
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_CODES = {"unknown-label": "Q031", "never-matches": "Q037", "many-to-one": "Q038"}


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    for message, span, _, _, kind in problems(written.expr, lambda selector: facts.series(selector.name).labels):
        yield Finding(_CODES[kind], message, span)


RULE = Rule(
    Expression,
    check,
    dict.fromkeys(_CODES.values(), Level.ERROR),
    frozenset(("schema",)),
    peers=("pint promql/impossible", "pint promql/vector_matching"),
)
