"""Keeps numbers and durations as people wrote them: `1e9`, `0x1f`, `[60m]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from llmmon import lazily

from .ast import Number, Range, Selector, Subquery, walk
from .parser import parse

if TYPE_CHECKING:
    from .ast import Expr
    from .functions import Version

_OFFSET: Final = lazily.pattern(r"\boffset\s+(-?)\s*([0-9a-zA-Z.]+)", re.IGNORECASE)
_WINDOW: Final = re.compile(r"\[\s*([0-9a-zA-Z.]+)\s*(?::\s*([0-9a-zA-Z.]*)\s*)?\]")


class SpeltFloat(float):
    """A number, and how it is written."""

    text: str

    @classmethod
    def of(cls, value: float, text: str) -> SpeltFloat:
        made = cls(value)
        made.text = text
        return made


class SpeltInt(int):
    """A duration in milliseconds, and how it is written."""

    text: str

    @classmethod
    def of(cls, value: int, text: str) -> SpeltInt:
        made = cls(value)
        made.text = text
        return made


def parse_spelt(text: str, version: Version) -> Expr:
    """The tree of an expression, which `to_text` and `pretty` write with the numbers that are in the text."""
    expr = parse(text, version=version)
    for node in walk(expr):
        written = text[node.span[0] : node.span[1]]
        match node:
            case Number():
                node.value = SpeltFloat.of(node.value, "".join(written.split()))
            case Range():
                if found := _last(_WINDOW, written):
                    node.range = SpeltInt.of(node.range, found[1])
                _offset(node.selector, written[written.rfind("]") :])
            case Subquery():
                if found := _last(_WINDOW, written):
                    node.range = SpeltInt.of(node.range, found[1])
                    if node.step:
                        node.step = SpeltInt.of(node.step, found[2])
                _offset(node, written[written.rfind("]") :])
            case Selector() if not isinstance(node.offset, SpeltInt):
                _offset(node, written[max(written.rfind("}"), 0) :])
    return expr


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Where it stands last; what is behind a window holds no brackets."""
    begin = text.rfind("[")
    return pattern.match(text, begin) if begin >= 0 else None


def _offset(node: Selector | Subquery, behind: str) -> None:
    found = _OFFSET.search(behind)
    if node.offset and found:
        node.offset = SpeltInt.of(node.offset, found[1] + found[2])
