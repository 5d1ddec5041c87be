"""Files that are no YAML: a place in one is an offset into its text."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from llmmon.classes import field, mutable

if TYPE_CHECKING:
    from llmmon.problem import Keys, Span


@mutable
class Plain:
    """A text that knows its lines."""

    path: str
    text: str
    _starts: list[int] = field(default_factory=list)

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        offset = span[0] if span else 0
        line = bisect_right(self._lines(), offset)
        return line, offset - self.start(line) + 1

    def start(self, line: int) -> int:
        """The offset at which a line begins; lines count from 1."""
        return self._lines()[line - 1]

    def _lines(self) -> list[int]:
        if not self._starts:
            self._starts = [0, *(at for at, char in enumerate(self.text, 1) if char == "\n")]
        return self._starts
