"""Comments in which somebody says that what is odd here is meant, and why: a linter that asks again does not listen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import blocks, lazily
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.problem import Problem

_SAYS = lazily.pattern(
    r"\b(?:intentional(?:ly)?|on purpose|deliberate(?:ly)?|by design|not an? (?:real )?secret|opt-in|commented out"
    r"|no-?op|black ?hole|no notifier|required (?:by|for)|we accept|known limitation)\b",
    re.IGNORECASE,
)
_OF_ERRORS = ("vacuous-test",)  # what else is an error stays one, whatever somebody says of it
_MOST = 40  # lines; what is said of more of them is said of no single one


class Meant:
    """The comments of one text."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n") if "#" in text and _SAYS.search(text) else []
        self.spans = list(self._spans()) if self.lines else []

    def __bool__(self) -> bool:
        return bool(self.spans)

    def answers(self, problem: Problem) -> bool:
        """Whether one of them is about the place of a problem."""
        if problem.level is Level.ERROR and problem.rule not in _OF_ERRORS:
            return False
        line = problem.origin.position()[0]
        written = self.lines[line - 1].strip(" -") if line <= len(self.lines) else ""
        return any(first <= line <= last or (written and f"`{written}`" in said) for first, last, said in self.spans)

    def _spans(self) -> Iterator[tuple[int, int, str]]:
        """The lines that a comment is about: its own, or what begins below it; and what it says."""
        number = 0
        while number < len(self.lines):
            number += 1
            line = self.lines[number - 1]
            before, sign, behind = line.partition("#")
            if not sign:
                continue
            if before.strip():
                if _SAYS.search(behind):
                    yield number, number, ""
                continue
            block = list(_comments(self.lines, number))
            said = " ".join(block)
            before = self.lines[number - 2] if number > 1 else ""
            number += len(block) - 1
            if _SAYS.search(said):
                if before.lstrip().startswith("- "):  # what an item begins with
                    yield number - len(block), number - len(block), ""
                first = blocks.below(self.lines, number)
                last = blocks.end(self.lines, first)
                yield (first, last if last - first < _MOST else 0, said)


def _comments(lines: Sequence[str], number: int) -> Iterator[str]:
    """The comment that begins on a line, and those right below it."""
    for line in lines[number - 1 :]:
        if not line.lstrip().startswith("#"):
            return
        yield line.strip(" #")
