"""An expression that looks further back than this house wants.

Says nothing until `look-back-at-most` in `[tool.llmmon.lint.policy]` says how far that is. Ranges, offsets and
subqueries count together: what reads a month is slow, and costs the servers that keep old data apart.

Bad:

    increase(app_requests_total[30d])

    max_over_time(rate(app_requests_total[5m])[1w:]) > 5

Good:

    increase(app_requests_total[1h])

    app_queue_length offset 1d
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.problem import Level
from llmmon.promql import looks_back, printer
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    most = facts.policy.look_back_at_most if facts.policy else None
    if most is None or looks_back(written.expr) <= duration.milliseconds(most):
        return
    back = printer.duration(looks_back(written.expr))
    message = f"this looks back {back}, and the policy wants {duration.text(most)} or less: record a part of it"
    yield Finding("Q016", message, written.expr.span)


RULE = Rule(
    Expression,
    check,
    {"Q016": Level.WARNING},
    frozenset(("policy",)),
    peers=("pint promql/range_query", "promruval expressionDoesNotUseOlderDataThan"),
)
