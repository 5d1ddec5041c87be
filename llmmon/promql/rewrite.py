"""Changes the selectors of an expression; the rest of the tree is shared with the original."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from llmmon.classes import replace

from .ast import Aggregate, Binary, Call, Expr, Matcher, Paren, Range, Selector, Subquery, Unary, spine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Change: TypeAlias = Callable[[Selector], Selector]


def replace_selectors(expr: Expr, change: Change) -> Expr:
    """The expression with every vector selector, also those inside ranges, replaced by what `change` returns."""
    match expr:
        case Selector():
            return change(expr)
        case Range():
            selector = change(expr.selector)
            return expr if selector is expr.selector else replace(expr, selector=selector)
        case Call():
            args = tuple(replace_selectors(arg, change) for arg in expr.args)
            return expr if _same(args, expr.args) else replace(expr, args=args)
        case Aggregate():
            inner = replace_selectors(expr.expr, change)
            param = expr.param and replace_selectors(expr.param, change)
            return expr if inner is expr.expr and param is expr.param else replace(expr, expr=inner, param=param)
        case Paren() | Unary() | Subquery():
            inner = replace_selectors(expr.expr, change)
            return expr if inner is expr.expr else replace(expr, expr=inner)
        case Binary():
            left, chain = spine(expr)
            left = replace_selectors(left, change)
            for node in chain:
                right = replace_selectors(node.rhs, change)
                same = left is node.lhs and right is node.rhs
                left = node if same else replace(node, lhs=left, rhs=right)
            return left
        case _:
            return expr


def inject(expr: Expr, chooser: Callable[[Selector], Mapping[str, str]]) -> Expr:
    """Each selector with the equalities that `chooser` gives for it, save those on labels that it already matches."""

    def change(selector: Selector) -> Selector:
        taken = {matcher.label for matcher in selector.matchers}
        new = tuple(Matcher(key, "=", value) for key, value in chooser(selector).items() if key not in taken)
        return replace(selector, matchers=selector.matchers + new) if new else selector

    return replace_selectors(expr, change)


def rename_metrics(expr: Expr, names: Mapping[str, str]) -> Expr:
    """Metrics under new names, also where they stand as `{__name__="old"}`; regexes on names stay as they are."""

    def change(selector: Selector) -> Selector:
        name = selector.name if selector.name is None else names.get(selector.name, selector.name)
        matchers = tuple(
            replace(matcher, value=names[matcher.value])
            if matcher.label == "__name__" and matcher.op in ("=", "!=") and matcher.value in names
            else matcher
            for matcher in selector.matchers
        )
        same = name == selector.name and _same(matchers, selector.matchers)
        return selector if same else replace(selector, name=name, matchers=matchers)

    return replace_selectors(expr, change)


def _same(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    return all(a is b for a, b in zip(new, old, strict=True))
