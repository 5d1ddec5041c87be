"""What is raised for a wrong expression, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ast import Span


class PromqlError(Exception):
    """The expression is wrong; `span` (code points) says where."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a code point, from 1 on."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
