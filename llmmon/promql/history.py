"""How far back an expression looks: what a server must still have to answer it."""

from __future__ import annotations

from .ast import Expr, Range, Selector, Subquery, children, walk


def looks_back(expr: Expr) -> int:
    """Milliseconds before the moment of evaluation, ranges and offsets of nested subqueries added up; 0 where only the
    present counts. A time that `@` fixes is not counted: see `is_fixed`."""
    longest = 0
    todo: list[tuple[Expr, int]] = [(expr, 0)]
    while todo:
        node, back = todo.pop()
        match node:
            case Selector():
                longest = max(longest, back + node.offset)
            case Range():
                longest = max(longest, back + node.range + node.selector.offset)
            case Subquery():
                todo.append((node.expr, back + node.range + node.offset))
            case _:
                todo += [(child, back) for child in children(node)]
    return longest


def is_fixed(expr: Expr) -> bool:
    """Whether a part of it is always about the same moment, which any server forgets some day."""
    return any(isinstance(node, Selector | Subquery) and isinstance(node.at, float) for node in walk(expr))
