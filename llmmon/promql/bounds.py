"""Between which values a result lies, whatever the series are."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from .ast import Aggregate, Binary, Call, Number, Paren, Range, Selector, Subquery, Unary, spine
from .fold import constant
from .functions import SCALAR
from .types import COMPARISONS, value_type

if TYPE_CHECKING:
    from .ast import Expr

Bounds: TypeAlias = tuple[float, float]

ANY: Final = (-inf, inf)
_POSITIVE: Final = (0.0, inf)
_KEEPING: Final = frozenset(("avg", "min", "max", "topk", "bottomk", "limitk", "limit_ratio"))
_CALLS: Final[dict[str, Bounds]] = {
    **dict.fromkeys(("absent", "absent_over_time", "present_over_time"), (1.0, 1.0)),
    "count_over_time": (1.0, inf),
    **dict.fromkeys(("rate", "increase", "irate", "changes", "resets", "abs", "sqrt", "exp", "time"), _POSITIVE),
    **dict.fromkeys(("stddev_over_time", "stdvar_over_time", "mad_over_time"), _POSITIVE),
    "day_of_month": (1.0, 31.0),
    "day_of_week": (0.0, 6.0),
    "day_of_year": (1.0, 366.0),
    "days_in_month": (28.0, 31.0),
    "histogram_fraction": (0.0, 1.0),
    "hour": (0.0, 23.0),
    "minute": (0.0, 59.0),
    "month": (1.0, 12.0),
    "sgn": (-1.0, 1.0),
}
_FIRST: Final = frozenset(  # their values are those of the first argument
    (
        *("avg_over_time", "label_join", "label_replace", "last_over_time", "max_over_time", "min_over_time", "scalar"),
        *("sort", "sort_by_label", "sort_by_label_desc", "sort_desc", "vector"),
    )
)
_SUMS: Final = frozenset(("ceil", "floor", "round", "sum_over_time"))  # of what is positive they are positive


def bounds(expr: Expr) -> Bounds:
    """The least and the greatest value that can be, as far as that is certain; NaN is not counted."""
    match expr:
        case Number(value):
            return value, value
        case Paren(inner):
            return bounds(inner)
        case Unary(sign, inner):
            low, high = bounds(inner)
            return (-high, -low) if sign == "-" else (low, high)
        case Selector("up"):
            return 0.0, 1.0
        case Aggregate():
            return _aggregate(expr)
        case Call():
            return _call(expr)
        case Binary():
            return _chain(expr)
        case Range():
            return bounds(expr.selector)
        case Subquery():
            return bounds(expr.expr)
    return ANY


def _aggregate(node: Aggregate) -> Bounds:
    if node.op in ("count", "count_values"):
        return 1.0, inf
    if node.op == "group":
        return 1.0, 1.0
    if node.op in ("stddev", "stdvar"):
        return _POSITIVE
    inner = bounds(node.expr)
    if node.op in _KEEPING:
        return inner
    return (inner[0], inf) if node.op == "sum" and inner[0] >= 0 else ANY


def _call(node: Call) -> Bounds:
    if node.func in _CALLS:
        return _CALLS[node.func]
    if not node.args:
        return ANY
    first = bounds(node.args[0])
    if node.func in _FIRST:
        return first
    if node.func in ("clamp_min", "clamp_max") and (limit := constant(node.args[1])) is not None:
        return (max(first[0], limit), max(first[1], limit)) if node.func == "clamp_min" else (-inf, limit)
    return _POSITIVE if node.func in _SUMS and first[0] >= 0 else ANY


def _chain(expr: Binary) -> Bounds:
    first, nodes = spine(expr)
    out, scalar = bounds(first), value_type(first) == SCALAR
    for node in nodes:
        out = _binary(node, out, bounds(node.rhs), scalar)
        scalar = scalar and value_type(node.rhs) == SCALAR
    return out


def _binary(node: Binary, left: Bounds, right: Bounds, scalar: bool) -> Bounds:
    match node.op:
        case op if op in COMPARISONS:
            return (0.0, 1.0) if node.bool else right if scalar else _compared(op, left, right)
        case "and" | "unless":
            return left
        case "or":
            return min(left[0], right[0]), max(left[1], right[1])
        case "+":
            return left[0] + right[0], left[1] + right[1]
        case "-":
            return left[0] - right[1], left[1] - right[0]
        case "*" | "/" if left[0] >= 0 and right[0] >= 0:
            return _POSITIVE
    return ANY


def _compared(op: str, value: Bounds, limit: Bounds) -> Bounds:
    """What is left of the values after a comparison."""
    if op in (">", ">="):
        return max(value[0], limit[0]), value[1]
    if op in ("<", "<="):
        return value[0], min(value[1], limit[1])
    return limit if op == "==" and limit[0] == limit[1] else value


def never(op: str, value: Bounds, limit: float) -> bool:
    """Whether no such value compares so."""
    low, high = value
    match op:
        case ">":
            return high <= limit
        case ">=":
            return high < limit
        case "<":
            return low >= limit
        case "<=":
            return low > limit
        case "==":
            return not low <= limit <= high
    return low == high == limit


def always(op: str, value: Bounds, limit: float) -> bool:
    """Whether every such value compares so."""
    opposite = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
    return never(opposite[op], value, limit)
