"""Two units that are added up or compared.

Seconds and milliseconds, bytes and seconds: a sum of them is neither, and a comparison is wrong by a factor of a
thousand. Only units that are declared are looked at, and only where nothing converts them.

Bad:

    app_wait_seconds + app_wait_milliseconds

    max(app_disk_bytes) > on () max(app_wait_seconds)

Good:

    app_wait_seconds + app_wait_milliseconds / 1000

    app_disk_bytes / app_wait_seconds

    app_wait_seconds > 5
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Range, Selector
from llmmon.promql.fold import bare, constant, is_long
from llmmon.promql.types import COMPARISONS
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_KEEPING = frozenset(("avg", "bottomk", "max", "min", "quantile", "sum", "topk"))
_OVER_TIME = frozenset(("avg_over_time", "max_over_time", "min_over_time", "last_over_time", "delta", "increase"))
_ADDING = COMPARISONS | {"+", "-"}


def check(node: Binary, facts: Facts) -> Iterator[Finding]:
    if node.op not in _ADDING or is_long(node):
        return
    left = _unit(node.lhs, facts)
    right = _unit(node.rhs, facts) if left else None
    if left and right and left != right:
        what = "compared with" if node.op in COMPARISONS else "added to" if node.op == "+" else "subtracted from"
        first, second = (right, left) if node.op == "-" else (left, right)
        message = f"{first} are {what} {second}: convert one side to the unit of the other"
        yield Finding("Q072", message, node.op_span)


def _unit(expr: Expr, facts: Facts) -> str | None:
    """The declared unit of what an expression gives, as long as it only chooses, adds up or averages."""
    node = bare(expr)
    while True:
        if isinstance(node, Aggregate) and node.op in _KEEPING:
            node = bare(node.expr)
        elif isinstance(node, Binary) and node.op in COMPARISONS and not node.bool and constant(node.rhs) is not None:
            node = bare(node.lhs)
        elif isinstance(node, Call) and node.func in _OVER_TIME and isinstance(node.args[0], Range):
            node = node.args[0].selector
        else:
            break
    return facts.series(node.name).unit if isinstance(node, Selector) else None


RULE = Rule(Binary, check, {"Q072": Level.WARNING}, frozenset(("declared",)), names=frozenset(_ADDING))
