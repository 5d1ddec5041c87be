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
            elif operators > _MOST:
                return None
            elif expr.op == "and":
                left = groups(expr.lhs, known, operators + 1)
                return left if left and _meets(expr, left, known) else None
            elif expr.matching or expr.op in SET_OPERATORS:
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


def _meets(node: Binary, left: Groups, known: Known) -> bool:
    """Whether `left and on (labels of left) a{...} > 0` finds what it asks for, as far as matchers tell."""
    matching, right = node.matching, node.rhs
    if matching is None or matching.kind != "on" or not set(matching.labels) <= set(left[0]):
        return False
    while isinstance(right, Binary) and type(right.rhs) is Number and not right.matching:
        right = right.lhs
    matchers = _read(right, known)
    if matchers is None:
        return False
    had = {one.label: (one.op, one.value) for one in left[1]}
    asked = ((one.label, (one.op, one.value)) for one in matchers if one.label in matching.labels)
    return all(had.get(label, what) == what for label, what in asked)


def _quantile(node: Call, known: Known) -> Groups | None:
    """What `histogram_quantile(0.9, sum by (le, ...) (...))` leaves."""
    if node.func != "histogram_quantile" or type(node.args[0]) is not Number or type(node.args[1]) is not Aggregate:
        return None
    found = _aggregate(node.args[1], known)
    return (tuple([label for label in found[0] if label != "le"]), found[1]) if found and "le" in found[0] else None


def _aggregate(node: Aggregate, known: Known) -> Groups | None:
    if node.op in _OTHERS or node.grouping is None or node.grouping.kind != "by" or node.param is not None:
        return None
    matchers = _read(node.expr, known)
    return None if matchers is None else (node.grouping.labels, matchers)


def _read(expr: Expr, known: Known) -> tuple[Matcher, ...] | None:
    """The matchers of the one selector below, whose labels an expression keeps; none says nothing, or stands twice."""
    while True:
        kind = type(expr)
        if kind is Selector or kind is Range:
            selector: Selector = expr.selector if kind is Range else expr  # type: ignore[union-attr, assignment]
            matchers = selector.matchers
            once = len({one.label for one in matchers}) == len(matchers) and all(one.value for one in matchers)
            return matchers if once and not known(selector) else None
        if kind is Paren:
            expr = expr.expr  # type: ignore[union-attr]
        elif isinstance(expr, Call) and expr.func not in CHANGING and len(expr.args) == 1:
            expr = expr.args[0]
        else:
            return None
