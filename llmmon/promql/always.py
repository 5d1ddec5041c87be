"""Which expressions have a result whatever happens, and which have the same one for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .ast import Aggregate, Binary, Call, Number, String
from .fold import bare, constant, is_long
from .functions import SCALAR
from .types import COMPARISONS, value_type

if TYPE_CHECKING:
    from .ast import Expr

_THROUGH: Final = frozenset(
    (
        *("abs", "ceil", "clamp", "clamp_max", "clamp_min", "exp", "floor", "label_join", "label_replace", "ln"),
        *("log10", "log2", "round", "sgn", "sort", "sort_desc", "sqrt", "timestamp"),
    )
)
_MIXING: Final = frozenset(("avg", "group", "max", "min", "stddev", "stdvar", "sum"))
_SAME: Final = frozenset(("avg", "max", "min", "sum"))


def always(expr: Expr) -> bool:
    """Whether an expression has a result even where no series exists."""
    node = bare(expr)
    match node:
        case Number() | String():
            return True
        case Call("vector"):
            return True
        case Call(func, args) if func in _THROUGH:
            return always(args[0])
        case Call():
            return value_type(node) == SCALAR or not node.args
        case Aggregate(op) if op in _MIXING:
            return always(node.expr)
        case Binary() if is_long(node):
            return False
        case Binary("or"):
            return always(node.lhs) or always(node.rhs)
        case Binary() if node.op in COMPARISONS and not node.bool:
            return False
        case Binary():
            return SCALAR in (value_type(node.lhs), value_type(node.rhs)) and always(node.lhs) and always(node.rhs)
    return False


def same(expr: Expr) -> float | None:
    """The one value that an expression without series has, also as a vector: 5 of `sum(vector(5))`."""
    node = bare(expr)
    match node:
        case Call("vector"):
            return constant(node.args[0])
        case Aggregate("group" | "count") if same(node.expr) is not None:
            return 1
        case Aggregate(op) if op in _SAME:
            return same(node.expr)
    return constant(node)
