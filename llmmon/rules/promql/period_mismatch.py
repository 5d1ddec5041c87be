"""What is spent in a day, compared with what may be spent in a month.

Both are money, and the comparison is still 30 times off. The periods that names and windows speak of are compared:
an amount of a day, week or month with a limit of another one, with no factor of about their ratio on either side.

Bad:

    predict_linear(app:cost_per_model_24h[7d], 30*24*3600) > app_monthly_budget_limit * 0.8

    sum(increase(app_cost_usd_total[1d])) > max(app_monthly_budget_limit)

Good:

    sum(increase(app_cost_usd_total[1d])) > max(app_daily_budget_limit)

    30 * sum(increase(app_cost_usd_total[1d])) > max(app_monthly_budget_limit)

    sum(increase(app_cost_usd_total[30d])) > max(app_monthly_budget_limit)

    app_requests_daily > 100

    rate(app_backups_total[1h]) < 1 / (24 * 3600)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Number, Range, children, walk
from llmmon.promql.fold import bare, constant, is_long, selectors
from llmmon.promql.types import COMPARISONS
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_PERIOD = lazily.pattern(
    r"(?:^|[_:])(?:(hourly|1h|rate1h)|(daily|1d|24h|day)|(weekly|7d|week)|(monthly|30d|month))(?=$|[_:])"
)
_HOURS = (1, 24, 168, 720)
_WORDS = ("an hour", "a day", "a week", "a month")


def check(node: Binary, facts: Facts) -> Iterator[Finding]:
    del facts
    if node.op not in COMPARISONS or isinstance(node.rhs, Number) or is_long(node):
        return
    left, right = _period(node.lhs), _period(node.rhs)
    if left is None or right is None or left == right:
        return
    ratio = _HOURS[max(left, right)] / _HOURS[min(left, right)]
    if any(factor >= 2 or factor <= 0.5 for factor in _factors(node)):
        return
    message = (
        f"an amount of {_WORDS[left]} is compared with one of {_WORDS[right]}: "
        f"multiply the smaller period by {ratio:g}, or write the same period on both sides"
    )
    yield Finding("Q064", message, node.op_span)


def _period(side: Expr) -> int | None:
    """The one period that a side speaks of, as an index into the table."""
    found = {_named(selector.name) for selector in selectors(side) if selector.name}
    for node in walk(side):
        if isinstance(node, Call) and node.func == "increase" and isinstance(node.args[0], Range):
            hours = node.args[0].range / 3_600_000
            found.add(_HOURS.index(int(hours)) if hours in _HOURS else None)
            found.discard(_named(node.args[0].selector.name))
    known = found - {None}
    return known.pop() if len(known) == 1 else None


def _named(name: str | None) -> int | None:
    found = _PERIOD.search(name or "")
    return found.lastindex - 1 if found and found.lastindex else None


def _factors(node: Expr) -> Iterator[float]:
    """The constants by which a side is multiplied or divided."""
    todo = [node]
    while todo:
        part = bare(todo.pop())
        if isinstance(part, Binary | Aggregate):
            todo.extend(children(part))
        if isinstance(part, Binary) and part.op in "*/":
            yield from (abs(value) for side in (part.lhs, part.rhs) if (value := constant(side)) is not None)


RULE = Rule(
    Binary,
    check,
    {"Q064": Level.WARNING},
    names=frozenset(COMPARISONS),
    words=("hour", "1h", "dai", "1d", "24h", "day", "week", "7d", "month", "30d", "increase"),
    advice=frozenset(("Q064",)),
)
