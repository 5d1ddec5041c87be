"""Whether a text exists that satisfies some conditions at once: equality, and regular expressions as Go reads them.

A condition is an automaton, and a text is looked for in all of them together. What is too large, or holds what is not
known here, has no answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Ranges = tuple[tuple[int, int], ...]  # code points, both ends included, in order

_LAST: Final = 0x10FFFF
_MOST_STATES: Final = 2_000  # of one automaton
_MOST_STEPS: Final = 4_000  # of a search
_DEEPEST: Final = 50
_CLASSES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 10), (12, 13), (32, 32)),
}
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


class Condition(NamedTuple):
    """A label's value is, or is not, this text; or matches, or does not match, this whole pattern."""

    op: str
    value: str


class _Unknown(Exception):  # noqa: N818 - never leaves this file
    pass


@dataclass(slots=True)
class _Automaton:
    """State 0 is the first, `last` accepts; without a text one goes along `free`, with a character along `steps`."""

    free: list[list[int]] = field(default_factory=list)
    steps: list[list[tuple[Ranges, int]]] = field(default_factory=list)
    last: int = 0

    def add(self) -> int:
        if len(self.free) >= _MOST_STATES:
            raise _Unknown
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


@lru_cache(maxsize=8192)
def satisfiable(conditions: tuple[Condition, ...]) -> bool | None:
    """Whether some text, the empty one included, satisfies all; None where that cannot be told."""
    fixed = next((condition.value for condition in conditions if condition.op == "="), None)
    if fixed is not None:
        found = [matches(condition, fixed) for condition in conditions]
        return False if False in found else None if None in found else True
    try:
        automata = [(_of(condition.op, condition.value), condition.op in ("=", "=~")) for condition in conditions]
        return _search(automata)
    except _Unknown:
        return None


@lru_cache(maxsize=65536)
def matches(condition: Condition, text: str) -> bool | None:
    """Whether a text satisfies a condition; None where that cannot be told."""
    if condition.op in ("=", "!="):
        return (condition.value == text) == (condition.op == "=")
    try:
        automaton = _of(condition.op, condition.value)
    except _Unknown:
        return None
    states = automaton.closure((0,))
    for char in text:
        states = automaton.after(states, ord(char))
    return (automaton.last in states) == (condition.op == "=~")


def _search(automata: Sequence[tuple[_Automaton, bool]]) -> bool:
    """Goes through all sets of states that a text can lead to; one character stands for all that are treated alike."""
    chars = _representatives(automata)
    start = tuple(automaton.closure((0,)) for automaton, _ in automata)
    seen, todo = {start}, [start]
    while todo:
        at = todo.pop()
        if all((one.last in states) == wanted for (one, wanted), states in zip(automata, at, strict=True)):
            return True
        for char in chars:
            following = tuple(one.after(states, char) for (one, _), states in zip(automata, at, strict=True))
            hopeless = any(wanted and not states for (_, wanted), states in zip(automata, following, strict=True))
            if not hopeless and following not in seen:
                seen.add(following)
                todo.append(following)
                if len(seen) * len(chars) > _MOST_STEPS * 20 or len(seen) > _MOST_STEPS:
                    raise _Unknown
    return False


def _representatives(automata: Sequence[tuple[_Automaton, bool]]) -> list[int]:
    every = (ranges for one, _ in automata for steps in one.steps for ranges, _ in steps)
    starts = {0} | {edge for ranges in every for low, high in ranges for edge in (low, high + 1)}
    return sorted(char for char in starts if char <= _LAST)


@lru_cache(maxsize=2048)
def _of(op: str, value: str) -> _Automaton:
    automaton = _Automaton()
    first = automaton.add()
    if op in ("=", "!="):
        automaton.last = _text(automaton, first, value)
    else:
        reader = _Reader(automaton, value)
        automaton.last = reader.alternatives(first)
        if reader.at < len(value):
            raise _Unknown
    return automaton


def _text(automaton: _Automaton, state: int, text: str) -> int:
    for char in text:
        following = automaton.add()
        automaton.steps[state].append((((ord(char), ord(char)),), following))
        state = following
    return state


class _Reader:
    """A pattern that RE2 takes, read into an automaton; flags, anchors inside and word boundaries are not known."""

    def __init__(self, automaton: _Automaton, text: str) -> None:
        self.automaton, self.text = automaton, text
        self.at = self.depth = 0

    def alternatives(self, first: int) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unknown
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
                raise _Unknown
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
                raise _Unknown
            self.at = close + 1
        elif not self.take(":"):
            raise _Unknown  # flags

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
            raise _Unknown
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
            raise _Unknown
        return ((ord(char), ord(char)),)

    def escape(self) -> Ranges:
        if self.at >= len(self.text):
            raise _Unknown
        char = self.text[self.at]
        self.at += 1
        if char.lower() in _CLASSES:
            known = _CLASSES[char.lower()]
            return known if char.islower() else _without(known)
        if char.isalnum() and char not in _LETTERS:
            raise _Unknown
        code = ord(_LETTERS.get(char, char))
        return ((code, code),)

    def members(self) -> Ranges:
        negative = self.take("^")
        found: list[tuple[int, int]] = []
        begin = self.at
        while self.at < len(self.text) and (self.text[self.at] != "]" or self.at == begin):
            if self.text.startswith("[:", self.at):
                raise _Unknown
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
            raise _Unknown
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
    edges = [(-1, -1), *sorted(ranges), (_LAST + 1, _LAST + 1)]
    reached = -1
    for before, after in pairwise(edges):
        reached = max(reached, before[1])
        if after[0] > reached + 1:
            yield reached + 1, after[0] - 1
