"""Reads what follows a value: ranges, subqueries, offsets, @, and then an operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import tokens as t
from .ast import Range, Selector, Subquery
from .error import PromqlError
from .functions import RANGE, VECTOR, Version
from .leaves import NUMBERS_AS_DURATIONS, Leaves

if TYPE_CHECKING:
    import re

    from .ast import Expr, Span

STRICT_AT: Final[Version] = (3, 14)  # until then `foo @ start()[5m]` slipped through
GO_TYPES: Final = {"scalar": "scalar", "string": "string", "range vector": "matrix", "instant vector": "vector"}
POWER: Final = {
    "or": 1,
    "and": 2,
    "unless": 2,
    "==": 3,
    "!=": 3,
    "<=": 3,
    "<": 3,
    ">=": 3,
    ">": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "atan2": 5,
    "^": 6,
}


class Suffixes(Leaves):
    __slots__ = ()

    def range(self, node: Expr, found: re.Match[str]) -> Expr:
        """`[5m]`."""
        span = found.span(t.RANGE)
        self.pos = found.end()
        length = self.milliseconds(found[t.RANGE], span)
        return self.ranged(node, length, span)

    def ranged(self, node: Expr, length: int, span: Span) -> Expr:
        if length <= 0:
            raise PromqlError("duration must be greater than 0", span)
        if not isinstance(node, Selector):
            raise PromqlError("ranges only allowed for vector selectors", (span[0] - 1, self.pos))
        if node.offset:
            raise PromqlError("no offset modifiers allowed before range", (span[0] - 1, self.pos))
        if node.at is not None and (isinstance(node.at, float) or self.version >= STRICT_AT):
            raise PromqlError("no @ modifiers allowed before range", (span[0] - 1, self.pos))
        self.type = RANGE
        return Range(node, length, (node.span[0], self.pos))

    def suffixes(self, node: Expr, found: re.Match[str]) -> Expr:
        """Ranges, subqueries, offsets and @, and then the operator."""
        while True:
            kind = found.lastindex or 0
            if kind == t.RANGE:
                node = self.range(node, found)
            elif kind == t.BRACKET:
                node = self.bracket(node, found)
            elif kind == t.AT:
                self.timestamp(node, found)
            elif kind == t.WORD and found[kind].lower() == "offset":
                self.offset(node, found)
            else:
                break
            following = t.INFIX(self.text, self.pos)
            if following is None:
                self.unexpected(self.pos)
            found = following
        self.op = found[kind].lower()
        self.at, self.pos = found.span(kind)
        if kind == t.WORD and self.op not in POWER:
            self.unexpected(self.at)
        return node

    def bracket(self, node: Expr, found: re.Match[str]) -> Expr:
        """A subquery, or a range that is no plain duration."""
        self.pos = found.end()
        at = t.SKIP(self.text, self.pos).end()  # type: ignore[union-attr]
        length = self.length("subquery selector")
        span = (at, self.pos)
        if length <= 0:
            raise PromqlError("duration must be greater than 0", span)
        if closed := t.CLOSE_BRACKET(self.text, self.pos):
            self.pos = closed.end()
            return self.ranged(node, length, span)
        colon = t.COLON(self.text, self.pos)
        if colon is None:
            self.unexpected(self.pos, "subquery or range", '":" or "]"')
        self.pos = colon.end()
        step = 0
        if not t.CLOSE_BRACKET(self.text, self.pos):
            at = t.SKIP(self.text, self.pos).end()  # type: ignore[union-attr]
            step = self.length("subquery selector", ' or "]"')
            if step <= 0:
                raise PromqlError("duration must be greater than 0", (at, self.pos))
        closed = t.CLOSE_BRACKET(self.text, self.pos)
        if closed is None:
            self.unexpected(self.pos, "subquery selector", '"]"')
        self.pos = closed.end()
        whole = (node.span[0], self.pos)
        if self.type != VECTOR:
            given = GO_TYPES[self.type]
            self.blame((f"subquery is only allowed on instant vector, got {given} instead", whole))
        self.type = RANGE
        return Subquery(node, length, step, 0, None, whole)

    def offset(self, node: Expr, found: re.Match[str]) -> None:
        self.pos = found.end()
        at = t.SKIP(self.text, self.pos).end()  # type: ignore[union-attr]
        length = self.length("offset")
        if not length and self.version < NUMBERS_AS_DURATIONS:
            raise PromqlError("duration must be greater than 0", (at, self.pos))
        target = node.selector if isinstance(node, Range) else node
        if not isinstance(target, Selector | Subquery):
            raise PromqlError(
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                node.span,
            )
        if target.offset:
            raise PromqlError("offset may not be set multiple times", node.span)
        target.offset = length
        node.span = (node.span[0], self.pos)

    def timestamp(self, node: Expr, found: re.Match[str]) -> None:
        self.pos = found.end()
        target = node.selector if isinstance(node, Range) else node
        at = self.instant()
        if not isinstance(target, Selector | Subquery):
            raise PromqlError(
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                node.span,
            )
        if target.at is not None:
            raise PromqlError("@ <timestamp> may not be set multiple times", node.span)
        target.at = at
        node.span = (node.span[0], self.pos)
