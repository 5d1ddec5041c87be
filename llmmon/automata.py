"""Finite automata of texts and of regular expressions as Go reads them, as far as they are plain ones."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from llmmon.classes import field, mutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Ranges = tuple[tuple[int, int], ...]  # code points, both ends included, in order

LAST: Final = 0x10FFFF
_MOST_STATES: Final = 2_000
_DEEPEST: Final = 50
_CLASSES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 10), (12, 13), (32, 32)),
}
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


class Unknown(Exception):  # noqa: N818 - never leaves what compares languages
    """A pattern with flags, boundaries or anchors inside, or one that is too large."""


@mutable
class Automaton:
    """State 0 is the first, `last` accepts; without a text one goes along `free`, with a character along `steps`."""

    free: list[list[int]] = field(default_factory=list)
    steps: list[list[tuple[Ranges, int]]] = field(default_factory=list)
    last: int = 0

    def add(self) -> int:
        if len(self.free) >= _MOST_STATES:
            raise Unknown
        self.free.append([])
        self.steps.append([])
        return len(self.free) - 1

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        todo = list(states)
        out = set(todo)
        while todo:
            for state in self.free[todo.pop()]:
                if state not in out:
                    out.add(state)
                    todo.append(state)
        return frozenset(out)

    def after(self, states: frozenset[int], char: int) -> frozenset[int]:
        return self.closure(
            target
            for state in states
            for ranges, target in self.steps[state]
            if any(low <= char <= high for low, high in ranges)
        )


def of_text(text: str) -> Automaton:
    """Takes this text alone."""
    automaton = Automaton()
    state = automaton.add()
    for char in text:
        following = automaton.add()
        automaton.steps[state].append((((ord(char), ord(char)),), following))
        state = following
    automaton.last = state
    return automaton


def of_pattern(pattern: str) -> Automaton:
    """Takes what the whole pattern matches. Raises `Unknown`."""
    automaton = Automaton()
    reader = _Reader(automaton, pattern)
    automaton.last = reader.alternatives(automaton.add())
    if reader.at < len(pattern):
        raise Unknown
    return automaton


class _Reader:
    """A pattern that RE2 takes, read into an automaton; flags, anchors inside and word boundaries are not known."""

    def __init__(self, automaton: Automaton, text: str) -> None:
        self.automaton, self.text = automaton, text
        self.at = self.depth = 0

    def alternatives(self, first: int) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unknown
        last = self.automaton.add()
        while True:
            self.automaton.free[self.sequence(first)].append(last)
            if not self.take("|"):
                self.depth -= 1
                return last

    def sequence(self, state: int) -> int:
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            begin = self.automaton.add()
            self.automaton.free[state].append(begin)
            where = self.at
            end = self.atom(begin)
            state = self.repeated(begin, end, where)
        return state

    def atom(self, state: int) -> int:
        if self.take("("):
            self.opening()
            end = self.alternatives(state)
            if not self.take(")"):
                raise Unknown
            return end
        if self.text[self.at] == "^" and self.at == 0:
            self.at += 1  # the whole is anchored anyway
            return state
        if self.text[self.at] == "$" and self.at == len(self.text) - 1:
            self.at += 1
            return state
        end = self.automaton.add()
        self.automaton.steps[state].append((self.character(), end))
        return end

    def opening(self) -> None:
        if not self.take("?"):
            return
        if self.take("P<") or self.take("<"):
            close = self.text.find(">", self.at)
            if close < 0:
                raise Unknown
            self.at = close + 1
        elif not self.take(":"):
            raise Unknown  # flags

    def repeated(self, begin: int, end: int, where: int) -> int:
        free = self.automaton.free
        if self.at >= len(self.text) or self.text[self.at] not in "*+?{":
            return end
        least, most = self.counts()
        self.take("?")  # lazy or not, the texts are the same
        if (least, most) in ((0, None), (1, None)):
            free[end].append(begin)
        elif (least, most) != (0, 1):
            end = self.copies(begin, where, least, most)
        last = self.automaton.add()
        free[end].append(last)
        if least == 0:
            free[begin].append(last)
        return last

    def copies(self, begin: int, where: int, least: int, most: int | None) -> int:
        """The atom once more for each time: it is read again from where it stands."""
        after = self.at
        out = self.automaton.add()
        state = self.automaton.add()
        self.automaton.steps[begin], self.automaton.free[begin] = [], [state]
        count = least if most is None else most
        for time in range(count):
            if time >= least:
                self.automaton.free[state].append(out)
            inner = self.automaton.add()
            self.automaton.free[state].append(inner)
            self.at = where
            end = self.atom(inner)
            if most is None and time == count - 1:
                self.automaton.free[end].append(inner)
            state = end
        self.at = after
        self.automaton.free[state].append(out)
        return out

    def counts(self) -> tuple[int, int | None]:
        for sign, found in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return found
        close = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : max(close, self.at + 1)].partition(",")
        if not low.isdigit() or (high and not high.isdigit()) or len(low) > 4 or len(high) > 4:
            raise Unknown
        self.at = close + 1
        return int(low), int(high) if high else None if comma else int(low)

    def character(self) -> Ranges:
        char = self.text[self.at]
        self.at += 1
        if char == ".":
            return _without(((10, 10),))
        if char == "[":
            return self.members()
        if char == "\\":
            return self.escape()
        if char in "*+?^$":
            raise Unknown
        return ((ord(char), ord(char)),)

    def escape(self) -> Ranges:
        if self.at >= len(self.text):
            raise Unknown
        char = self.text[self.at]
        self.at += 1
        if char.lower() in _CLASSES:
            known = _CLASSES[char.lower()]
            return known if char.islower() else _without(known)
        if char.isalnum() and char not in _LETTERS:
            raise Unknown
        code = ord(_LETTERS.get(char, char))
        return ((code, code),)

    def members(self) -> Ranges:
        negative = self.take("^")
        found: list[tuple[int, int]] = []
        begin = self.at
        while self.at < len(self.text) and (self.text[self.at] != "]" or self.at == begin):
            if self.text.startswith("[:", self.at):
                raise Unknown
            low = self.escape() if self.take("\\") else self.plain()
            if (
                len(low) == 1
                and self.text.startswith("-", self.at)
                and self.text[self.at + 1 : self.at + 2] not in ("", "]")
            ):
                self.at += 1
                high = self.escape() if self.take("\\") else self.plain()
                found.append((low[0][0], high[0][1]))
            else:
                found += low
        if not self.take("]"):
            raise Unknown
        return _without(tuple(found)) if negative else tuple(found)

    def plain(self) -> Ranges:
        code = ord(self.text[self.at])
        self.at += 1
        return ((code, code),)

    def take(self, text: str) -> bool:
        taken = self.text.startswith(text, self.at)
        self.at += len(text) * taken
        return taken


def _without(ranges: Ranges) -> Ranges:
    return tuple(_gaps(ranges))


def _gaps(ranges: Ranges) -> Iterator[tuple[int, int]]:
    edges = [(-1, -1), *sorted(ranges), (LAST + 1, LAST + 1)]
    reached = -1
    for before, after in pairwise(edges):
        reached = max(reached, before[1])
        if after[0] > reached + 1:
            yield reached + 1, after[0] - 1
