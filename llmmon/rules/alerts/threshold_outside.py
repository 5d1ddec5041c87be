"""A threshold that no value of this unit can reach.

A ratio lies between 0 and 1. Compared with 95, as if it were in percent, it is never above and always below.

Bad:

    expr: app_cache_hit_ratio < 95

    expr: avg by (job) (app_cpu_usage_ratio) > 80

Good:

    expr: app_cache_hit_ratio < 0.95

    expr: app_cache_hit_ratio * 100 < 95

    expr: somebody_elses_ratio > 3
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Range, Selector
from llmmon.promql.fold import bare
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_KEEPING = frozenset(("avg", "min", "max", "topk", "bottomk", "quantile"))
_OVER_TIME = frozenset(("avg_over_time", "min_over_time", "max_over_time", "last_over_time", "quantile_over_time"))


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None or not (found := rule.expression.compared):
        return
    value, op, limit = found
    selector = _read(value)
    if selector is None or 0 <= limit <= 1 or facts.series(selector.name).unit != "ratio":
        return
    hint = f"write {limit / 100:g}" if 1 < limit <= 100 else "write a value between"
    message = f"{selector.name} is between 0 and 1, so {op} {limit:g} says nothing: {hint}"
    yield Finding("A014", message, selector.span, ("expr",))


def _read(expr: Expr) -> Selector | None:
    """The series whose values these are, whichever of them."""
    node = bare(expr)
    match node:
        case Selector():
            return node
        case Aggregate(op) if op in _KEEPING:
            return _read(node.expr)
        case Call(func) if func in _OVER_TIME:
            arg = node.args[-1]
            return arg.selector if isinstance(arg, Range) else None
    return None


RULE = Rule(AlertingRule, check, {"A014": Level.WARNING}, needs=frozenset(("declared",)))
