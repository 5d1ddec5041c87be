"""A computed fraction that is compared for equality.

A rate, a mean or a quotient is a floating-point number, and hardly ever exactly 0.95: the comparison is false where it
should be true. Zero and one are exact where nothing, or everything, counts.

Bad:

    rate(app_requests_total[5m]) == 0.5

    sum(app_queue_length) / sum(app_jobs) != 0.95

Good:

    rate(app_requests_total[5m]) == 0

    avg_over_time(up[5m]) == 1

    app_cache_hit_ratio == 0.5

    sum(app_queue_length) / sum(app_jobs) < 0.95
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call
from llmmon.promql.fold import bare, condition, constant, is_long
from llmmon.promql.printer import number
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_COMPUTED = frozenset(
    (
        "avg_over_time",
        "deriv",
        "histogram_quantile",
        "increase",
        "irate",
        "predict_linear",
        "quantile_over_time",
        "rate",
    )
)


def check(node: Binary, facts: Facts) -> Iterator[Finding]:
    del facts
    if node.op not in ("==", "!=") or is_long(node.lhs):
        return
    found = condition(node)
    if found is None or not found[2] % 1 > 0 or not _is_computed(found[0]):
        return
    message = f"a computed number is hardly ever exactly {number(found[2])}: write < or >"
    yield Finding("Q044", message, node.op_span)


def _is_computed(expr: Expr) -> bool:
    node = bare(expr)
    if isinstance(node, Aggregate):
        return node.op in ("avg", "quantile", "stddev") or _is_computed(node.expr)
    if isinstance(node, Binary):
        divided = node.op == "/" and constant(node.rhs) is None
        return divided or (node.op in "+-*/" and (_is_computed(node.lhs) or _is_computed(node.rhs)))
    return isinstance(node, Call) and node.func in _COMPUTED


RULE = Rule(Binary, check, {"Q044": Level.WARNING}, names=frozenset(("==", "!=")))
