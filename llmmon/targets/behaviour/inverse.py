"""Series for an expression of the user's own, where it is simple: arithmetic on aggregated metrics."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from llmmon import promql

from .choose import Unsatisfiable
from .series import Cell

if TYPE_CHECKING:
    from .series import How, Level
    from .track import Stretch

_BESIDE = Fraction(10)  # the other side of a sum or a difference
_WHOLE = Fraction(1000)  # the other side of a product or a quotient
_HOW: dict[str, How] = {"sum": "sum", "avg": "avg", "min": "min", "max": "max"}


def cells_of(text: str, scrape: Fraction) -> tuple[Cell, ...]:
    """Cells that bring the expression to a level; Unsatisfiable where that needs more than arithmetic.

    A rate is brought there by a counter that rises as much in each `scrape`, in seconds.
    """

    def level(s: Stretch) -> Fraction:
        return s.level or Fraction(0)

    return tuple(_solve(promql.parse(text), level, "max", scrape))


def _solve(expr: promql.Expr, wanted: Level, how: How, scrape: Fraction) -> list[Cell]:
    match expr:
        case promql.Paren(inner):
            return _solve(inner, wanted, how, scrape)
        case promql.Call("rate", [promql.Range(promql.Selector(offset=0, at=None) as counter)]):
            return [Cell(counter, "counter", lambda s: wanted(s) * scrape, "sum")]
        case promql.Selector(offset=0, at=None):
            return [Cell(expr, "gauge", wanted, how)]
        case promql.Aggregate(op, inner) if op in _HOW:
            return _solve(inner, wanted, _HOW[op], scrape)
        case promql.Binary(op, lhs, rhs, bool=False) if op in "+-*/":
            return _sides(op, lhs, rhs, wanted, how, scrape)
        case promql.Binary("<" | ">", lhs, promql.Number(), bool=False):  # a filter
            return _solve(lhs, wanted, how, scrape)
        case promql.Binary("<" | ">", promql.Number(), rhs, bool=False):
            return _solve(rhs, wanted, how, scrape)
    raise Unsatisfiable(f"{promql.to_text(expr)} is no sum, difference, product or quotient of gauges")


def _sides(op: str, lhs: promql.Expr, rhs: promql.Expr, wanted: Level, how: How, scrape: Fraction) -> list[Cell]:
    left, right = _number(lhs), _number(rhs)
    other = _BESIDE if op in "+-" else _WHOLE
    if left is not None:
        return _solve(rhs, lambda s: _undo_right(op, wanted(s), left), how, scrape)
    if right is not None:
        return _solve(lhs, lambda s: _undo_left(op, wanted(s), right), how, scrape)
    names = {node.name for node in promql.walk(lhs) if isinstance(node, promql.Selector)}
    if names & {node.name for node in promql.walk(rhs) if isinstance(node, promql.Selector)}:
        raise Unsatisfiable("both sides of the expression read the same metric")

    def beside(s: Stretch) -> Fraction:
        del s
        return other

    one = _solve(lhs, lambda s: _undo_left(op, wanted(s), other), how, scrape)
    return one + _solve(rhs, beside, how, scrape)


def _number(expr: promql.Expr) -> Fraction | None:
    return Fraction(str(expr.value)) if isinstance(expr, promql.Number) else None


def _undo_left(op: str, value: Fraction, right: Fraction) -> Fraction:
    """x with `x op right == value`."""
    return {"+": value - right, "-": value + right, "*": value / (right or 1), "/": value * right}[op]


def _undo_right(op: str, value: Fraction, left: Fraction) -> Fraction:
    """x with `left op x == value`."""
    match op:
        case "+":
            return value - left
        case "-":
            return left - value
        case "*":
            return value / (left or 1)
    return left / (value or Fraction(1, 1000))
