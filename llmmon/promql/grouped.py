"""Groups by labels, alone, compared, or computed with others of the kind: what they carry is seen without a look at
how labels flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from .ast import Aggregate, Binary, Call, Number, Paren, Range, Selector
from .labels import CHANGING
from .types import SET_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .ast import Expr, Matcher

    Known: TypeAlias = Callable[[Selector], bool]
    Groups: TypeAlias = tuple[tuple[str, ...], tuple[Matcher, ...]]

_MOST: Final = 20  # operators between groups
_OTHERS: Final = frozenset(("topk", "bottomk", "limitk", "limit_ratio", "count_values"))


def groups(expr: Expr, known: Known, operators: int = 0) -> Groups | None:
    """The labels that every result has, and nothing else, and the matchers of all that is read; None where it takes
    more to say that, or to say that nothing is wrong with labels. Of a `known` selector it does."""
    while True:
        kind = type(expr)
        if kind is Aggregate:
            return _aggregate(expr, known)  # type: ignore[arg-type]
        if kind is Call:
            return _quantile(expr, known)  # type: ignore[arg-type]
        if kind is Paren:
            expr = expr.expr  # type: ignore[union-attr]
        elif isinstance(expr, Binary):
            if type(expr.rhs) is Number:
                expr = expr.lhs
            elif type(expr.lhs) is Number:
                expr = expr.rhs
            elif expr.matching or expr.op in SET_OPERATORS or operators > _MOST:
                return None
            else:
                left = groups(expr.lhs, known, operators + 1)
                right = groups(expr.rhs, known, operators + 1) if left else None
                return left if left and right and _same(left, right) else None
        else:
            return None


def _same(left: Groups, right: Groups) -> bool:
    if len(left[1]) != len(right[1]) or set(left[0]) != set(right[0]):
        return False
    pairs = zip(left[1], right[1], strict=True)
    return all((one.label, one.op, one.value) == (other.label, other.op, other.value) for one, other in pairs)


def _quantile(node: Call, known: Known) -> Groups | None:
    """What `histogram_quantile(0.9, sum by (le, ...) (...))` leaves."""
    if node.func != "histogram_quantile" or type(node.args[0]) is not Number or type(node.args[1]) is not Aggregate:
        return None
    found = _aggregate(node.args[1], known)
    return (tuple([label for label in found[0] if label != "le"]), found[1]) if found and "le" in found[0] else None


def _aggregate(node: Aggregate, known: Known) -> Groups | None:
    if node.op in _OTHERS or node.grouping is None or node.grouping.kind != "by" or node.param is not None:
        return None
    expr: Expr = node.expr
    while True:
        kind = type(expr)
        if kind is Selector or kind is Range:
            selector: Selector = expr.selector if kind is Range else expr  # type: ignore[union-attr, assignment]
            matchers = selector.matchers
            once = len({one.label for one in matchers}) == len(matchers) and all(one.value for one in matchers)
            return (node.grouping.labels, matchers) if once and not known(selector) else None
        if kind is Paren:
            expr = expr.expr  # type: ignore[union-attr]
        elif isinstance(expr, Call) and expr.func not in CHANGING and len(expr.args) == 1:
            expr = expr.args[0]
        else:
            return None
