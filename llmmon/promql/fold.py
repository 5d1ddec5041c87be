"""Looks through parentheses, folds constants, and finds what an expression is made of."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from .ast import Aggregate, Binary, Call, Number, Paren, Range, Selector, Subquery, Unary, children, walk
from .types import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .ast import Expr

_LONGEST = 100  # operators
_FOLDED = frozenset("+-*/")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
COMPARED = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
RATES = frozenset(("rate", "irate", "increase"))
# What may be asked of a counter as it stands: whether it is there, how often it was reset, when it was seen.
OF_COUNTERS = RATES | {
    "absent",
    "absent_over_time",
    "changes",
    "count_over_time",
    "present_over_time",
    "resets",
    "timestamp",
}


def bare(expr: Expr) -> Expr:
    """The expression without the parentheses around it."""
    while isinstance(expr, Paren):
        expr = expr.expr
    return expr


def is_long(expr: Expr) -> bool:
    """Whether an expression is a chain of more operators than anybody means; nothing recurses into such a one."""
    for _ in range(_LONGEST):
        expr = bare(expr)
        if not isinstance(expr, Binary):
            return False
        expr = expr.lhs
    return True


def constant(expr: Expr) -> float | None:
    """The value of an expression of numbers alone, if it is not a very long one."""
    while isinstance(expr, Paren):
        expr = expr.expr
    if isinstance(expr, Number):
        return expr.value
    if isinstance(expr, Binary):
        return _chain(expr) if expr.op in _FOLDED else None
    if isinstance(expr, Unary):
        inside = constant(expr.expr)
        return inside if inside is None or expr.op == "+" else -inside
    return None


def _chain(expr: Expr) -> float | None:
    """The value of a chain of operators, which may be too long to follow by recursion."""
    todo: list[tuple[str, float]] = []
    while isinstance(expr, Binary):
        right = constant(expr.rhs) if expr.op in _FOLDED and len(todo) < _LONGEST else None
        if right is None:
            return None
        todo.append((expr.op, right))
        expr = bare(expr.lhs)
    value = constant(expr)
    while todo and value is not None:
        op, right = todo.pop()
        value = _folded(op, value, right)
    return value


def selectors(expr: Expr) -> Iterator[Selector]:
    """Every selector, also those inside ranges."""
    return (node for node in walk(expr) if isinstance(node, Selector))


def raw(expr: Expr, allowed: frozenset[str] = OF_COUNTERS) -> Iterator[Selector]:
    """The selectors whose values reach the result as they stand: not those below one of these functions, nor those
    that are only counted."""
    todo = [expr]
    while todo:
        node = todo.pop()
        match node:
            case Selector():
                yield node
            case Call(func) if func in allowed:
                pass
            case Aggregate("count" | "group" | "count_values"):
                pass
            case Binary("and" | "unless"):
                todo.append(node.lhs)
            case _:
                todo.extend(reversed(children(node)))


def condition(expr: Expr) -> tuple[Expr, str, float] | None:
    """A comparison with a constant as (value, operator, constant), with the constant on the right."""
    node = bare(expr)
    if not isinstance(node, Binary) or node.op not in COMPARISONS:
        return None
    if isinstance(node.rhs, Number):
        return node.lhs, node.op, node.rhs.value
    if (limit := constant(node.rhs)) is not None:
        return node.lhs, node.op, limit
    if (limit := constant(node.lhs)) is not None:
        return node.rhs, _MIRRORED[node.op], limit
    return None


def longest(expr: Expr) -> int:
    """The longest range or subquery, in milliseconds; 0 where nothing looks back."""
    return max((node.range for node in walk(expr) if isinstance(node, Range | Subquery)), default=0)


def _folded(op: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right if right else None
