"""The parts of an expression whose values nobody reads: it only matters which series they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .ast import Aggregate, Binary, Call, children

if TYPE_CHECKING:
    from .ast import Expr

_PRESENCE: Final = ("absent", "absent_over_time", "count_over_time", "present_over_time")


def unread(expr: Expr) -> frozenset[int]:
    """The `id` of each of them."""
    out: set[int] = set()
    todo = [(expr, False)]
    while todo:
        node, inside = todo.pop()
        if inside:
            out.add(id(node))
        counted = isinstance(node, Aggregate) and node.op in ("count", "group")
        counted = counted or (isinstance(node, Call) and node.func in _PRESENCE)
        for child in children(node):
            kept = isinstance(node, Binary) and node.op in ("and", "unless") and child is node.rhs
            todo.append((child, inside or counted or kept))
    return frozenset(out)
