"""Divisions whose divisor may be 0, so that the result is no number, or an infinite one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .ast import Aggregate, Binary, Call, Selector, Subquery, Unary, walk
from .fold import COMPARED, RATES, bare, condition, constant
from .types import COMPARISONS, SET_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .ast import Expr

_THROUGH: Final = frozenset(
    ("abs", "ceil", "floor", "label_join", "label_replace", "last_over_time", "round", "sgn", "sort", "sort_desc")
)
_COUNTING: Final = frozenset(("count", "group", "count_values"))
# What something can hold is not 0 as long as it is there.
_CAPACITY: Final = re.compile(
    r"(?:^|[_:])(?:allocatable|bytes|capacity|cores|cpus|factor|limits?|max|memory|num_cpus?|period|quota|replicas|size|spec|target|desired)(?:$|[_:])"
    r"|[mM]ax[A-Z_]|(?<=[a-z])(?:Capacity|Limit|Size|Total)"
).search
_ALWAYS: Final = re.compile(r"_Tcp_(?:In|Out)Segs\Z").search  # happens on whatever can be scraped
_TIME: Final = re.compile(r"uptime|timestamp|_ts\Z").search  # goes on
_RATES: Final = RATES | {"delta", "irate"}


def unsafe(expr: Expr, recorded: Callable[[str], bool] = lambda _: False) -> Binary | Selector | None:
    """The division by what may be 0 that reaches the result; or what is recorded as one, which `recorded` knows."""
    todo = [expr]
    while todo:
        node = bare(todo.pop())
        match node:
            case Selector(name) if name and recorded(name):
                return node
            case Unary() | Subquery():
                todo.append(node.expr)
            case Call(func, args) if func in _THROUGH:
                todo.append(args[0])
            case Binary("/" | "%") if _may_be_0(node.rhs) and not _takes_labels(node):
                return node
            case Binary() if node.op in COMPARISONS:
                pass  # no comparison with NaN is true
            case Binary("or"):
                todo += (node.rhs, node.lhs)
            case Binary() if node.op in SET_OPERATORS:
                todo.append(node.lhs)
            case Binary():
                todo += (node.rhs, node.lhs)
    return None


def _takes_labels(node: Binary) -> bool:
    """Whether a product is divided by one of its factors, which is the old way to get that one's labels."""
    divisor = bare(node.rhs)
    if not isinstance(divisor, Selector):
        return False
    factors = (bare(side) for part in walk(node.lhs) if isinstance(part, Binary) for side in (part.lhs, part.rhs))
    return any(
        isinstance(one, Selector) and (one.name, one.matchers) == (divisor.name, divisor.matchers) for one in factors
    )


def _may_be_0(divisor: Expr) -> bool:
    """Whether a divisor can be expected to be 0: a rate where nothing happens, or a gauge that is no capacity."""
    if _nonzero(divisor):
        return False
    node = bare(divisor)
    if isinstance(node, Call) and node.func in ("count_over_time", "present_over_time", "scalar"):
        return False  # the same for all
    if isinstance(node, Selector):
        return not (
            node.name and (_CAPACITY(node.name) or node.name.endswith("_count"))
        )  # there is none before the first
    if isinstance(node, Binary) and node.op == "or":
        return _may_be_0(node.lhs) or _may_be_0(node.rhs)
    inside = list(walk(node))
    if any(isinstance(part, Selector) and _TIME(part.name or "") for part in inside):
        return False  # time goes on
    if any(isinstance(part, Call) and part.func in _RATES for part in inside):
        return not all(part.name and _ALWAYS(part.name) for part in inside if isinstance(part, Selector))
    return isinstance(node, Aggregate | Call) and all(_may_be_0(part) for part in inside if isinstance(part, Selector))


def _nonzero(expr: Expr) -> bool:
    """Whether a divisor is certainly not 0."""
    node = bare(expr)
    value = constant(node)
    if value is not None:
        return value != 0
    match node:
        case Binary() if node.op in COMPARISONS:
            return not node.bool and _excludes_0(node)
        case Call("clamp_min" | "clamp", (_, least, *_)):
            return (constant(least) or 0) > 0
        case Call("vector" | "scalar" | "abs" | "label_replace" | "sqrt", args):
            return _nonzero(args[0])
        case Call("time" | "exp" | "pi" | "days_in_month" | "count_over_time"):
            return True
        case Aggregate(op) if op in _COUNTING:
            return True
        case Aggregate("sum" | "min" | "max" | "avg" | "topk" | "bottomk", inner):
            found = condition(inner)
            signs = (">", ">=") if node.op in ("sum", "avg") and not _is_rate(found) else (">", ">=", "!=")
            return found is not None and found[1] in signs and _excludes_0(inner)
        case Binary("*" | "/" | "or"):
            return _nonzero(node.lhs) and _nonzero(node.rhs)
        case Binary("and"):
            found = condition(node.rhs)  # `x and x > 0`
            same = found is not None and bare(found[0]) == bare(node.lhs)
            return _nonzero(node.lhs) or (same and _excludes_0(node.rhs))
        case Binary("unless"):
            return _nonzero(node.lhs)
    return False


def _is_rate(found: tuple[Expr, str, float] | None) -> bool:
    """Whether a rate is compared, which is never below 0."""
    value = bare(found[0]) if found else None
    return isinstance(value, Call) and value.func in RATES


def _excludes_0(expr: Expr) -> bool:
    """Whether a comparison leaves no 0."""
    found = condition(expr)
    if found is None:
        return False
    return not COMPARED[found[1]](0, found[2])
