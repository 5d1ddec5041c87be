"""Comments in which somebody says that what is odd here is meant, and why: a linter that asks again does not listen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import blocks, lazily
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Problem

_SAYS = lazily.pattern(
    r"\b(?:intentional(?:ly)?|on purpose|deliberate(?:ly)?|by design|not an? (?:real )?secret|opt-in|commented out"
    r"|no-?op|black ?hole|no notifier|required (?:by|for)|we accept|known limitation"
    r"|uncomment|pick (?:only )?one|use this variant)\b",
    re.IGNORECASE,
)
_OF_ERRORS = ("vacuous-test",)  # what else is an error stays one, whatever somebody says of it
_QUOTED = lazily.pattern(r"`([^`]+)`")
_MOST = 40  # lines; what is said of more of them is said of no single one


class Meant:
    """The comments of one text."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n") if "#" in text and _SAYS.search(text) else []
        self.covered: set[int] = set()
        self.quoted: set[str] = set()
        for first, last, said in self._spans():
            self.covered.update(range(first, last + 1))
            self.quoted.update(_QUOTED.findall(said))

    def __bool__(self) -> bool:
        return bool(self.covered or self.quoted)

    def answers(self, problem: Problem) -> bool:
        """Whether one of them is about the place of a problem."""
        if problem.level is Level.ERROR and problem.rule not in _OF_ERRORS:
            return False
        line = problem.origin.position()[0]
        return line in self.covered or (line <= len(self.lines) and self.lines[line - 1].strip(" -") in self.quoted)

    def _spans(self) -> Iterator[tuple[int, int, str]]:
        """The lines that a comment is about: its own, or what begins below it; and what it says."""
        number = 0
        while number < len(self.lines):
            number += 1
            before, sign, behind = self.lines[number - 1].partition("#")
            if sign and before.strip():
                if _SAYS.search(behind):
                    yield number, number, ""
            elif sign:
                start, number = number, self._last(number)
                said = " ".join(line.strip(" #") for line in self.lines[start - 1 : number])
                if _SAYS.search(said):
                    yield self._below(start, number, said)

    def _last(self, number: int) -> int:
        """The last line of the comment that begins on this one."""
        while number < len(self.lines) and self.lines[number].lstrip().startswith("#"):
            number += 1
        return number

    def _below(self, start: int, last: int, said: str) -> tuple[int, int, str]:
        """What such a comment is about: what begins below it, and the item in which it stands first."""
        near = self.lines[last - 1 : last + _MOST]
        first = blocks.below(near, 1)
        end = first + blocks.end(near[first - 1 :], 1) - 1
        above = self.lines[start - 2] if start > 1 else ""
        begin = start - 1 if above.lstrip().startswith("- ") else last
        short = end < len(near) or last - 1 + len(near) == len(self.lines)
        return begin, last - 1 + end if short else last, said
