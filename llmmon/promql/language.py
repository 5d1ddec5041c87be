"""Which label values matchers admit together: exact answers about regexes, in bounded time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from llmmon.classes import field, mutable

from .pattern import Chars, Choice, Edge, Pattern, Ranges, Repeat, Sequence, edges, tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .ast import MatchOp

    Condition: TypeAlias = tuple[MatchOp, str]

OPPOSITE: Final[dict[MatchOp, MatchOp]] = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
MOST_PLACES: Final = 2000  # in one regex, with its repetitions written out
MOST_STEPS: Final = 100_000
_START: Final = 0


class _TooLargeError(Exception):
    """More than is worth computing."""


@mutable
class _Automaton:
    """Glushkov's: a place for each character of the regex, and which may follow which; 0 is before the first."""

    chars: list[Ranges] = field(default_factory=lambda: [()])
    follow: list[set[int]] = field(default_factory=lambda: [set()])
    final: set[int] = field(default_factory=set)
    size: int = 0

    def step(self, places: frozenset[int], code: int) -> frozenset[int]:
        nexts = {after for place in places for after in self.follow[place]}
        return frozenset(after for after in nexts if any(low <= code <= high for low, high in self.chars[after]))


@lru_cache(maxsize=8192)
def can_match(conditions: tuple[Condition, ...]) -> bool | None:
    """Whether some text, or none at all, satisfies all of these; None where nobody knows.

    An absent label is the empty text.
    """
    words = {value for op, value in conditions if op == "="}
    if len(words) > 1:
        return False
    try:
        parts = [(_automaton(value) if "~" in op else _of_word(value), op in ("=", "=~")) for op, value in conditions]
        return _meet(parts)
    except _TooLargeError:
        return None


def implies(conditions: Iterable[Condition], other: Condition) -> bool:
    """Whether every text that satisfies all of these satisfies the other one as well."""
    return can_match((*conditions, (OPPOSITE[other[0]], other[1]))) is False


def admits(condition: Condition, value: str) -> bool | None:
    """Whether a matcher matches a value."""
    return can_match((condition, ("=", value)))


def _meet(parts: list[tuple[_Automaton, bool]]) -> bool:
    """Whether a text is in all languages that are wanted and in none of the others."""
    start = tuple(frozenset((_START,)) for _ in parts)
    seen = {start}
    todo = [start]
    steps = 0
    while todo:
        state = todo.pop()
        if all(bool(places & part.final) == wanted for places, (part, wanted) in zip(state, parts, strict=True)):
            return True
        for code in _different(state, parts):
            after = tuple(part.step(places, code) for places, (part, _) in zip(state, parts, strict=True))
            steps += sum(map(len, after)) + 1
            if steps > MOST_STEPS:
                raise _TooLargeError
            if after not in seen and all(places or not part[1] for places, part in zip(after, parts, strict=True)):
                seen.add(after)
                todo.append(after)
    return False


def _different(state: tuple[frozenset[int], ...], parts: list[tuple[_Automaton, bool]]) -> set[int]:
    """One character of each kind that makes a difference here."""
    codes = {0}
    for places, (part, _) in zip(state, parts, strict=True):
        for place in places:
            for after in part.follow[place]:
                for low, high in part.chars[after]:
                    codes.add(low)
                    codes.add(high + 1)
    codes.discard(0x110000)
    return codes


@lru_cache(maxsize=1024)
def _automaton(pattern: str) -> _Automaton:
    node = tree(pattern)
    if node is None:
        raise _TooLargeError
    out = _Automaton()
    idle = set(map(id, edges(node)))
    try:
        empty, first, last = _add(out, node, idle)
    except RecursionError:
        raise _TooLargeError from None
    out.follow[_START] = first
    out.final = last | ({_START} if empty else set())
    return out


def _of_word(value: str) -> _Automaton:
    out = _Automaton()
    for index, char in enumerate(value):
        out.chars.append(((ord(char), ord(char)),))
        out.follow[index].add(index + 1)
        out.follow.append(set())
    out.final = {len(value)}
    return out


_Ends: TypeAlias = tuple[bool, set[int], set[int]]  # whether it may be empty; where it begins; where it ends


def _add(out: _Automaton, node: Pattern, idle: set[int]) -> _Ends:
    match node:
        case Chars(ranges):
            if len(out.chars) > MOST_PLACES:
                raise _TooLargeError
            out.chars.append(ranges)
            out.follow.append(set())
            place = len(out.chars) - 1
            return False, {place}, {place}
        case Edge():
            if id(node) not in idle:
                raise _TooLargeError  # an anchor inside: nearly always a mistake, and not ours to judge
            return True, set(), set()
        case Choice(items):
            found = [_add(out, item, idle) for item in items]
            return any(one[0] for one in found), set().union(*(one[1] for one in found)), set().union(
                *(one[2] for one in found))  # fmt: skip
        case Sequence(items):
            ends: _Ends = (True, set(), set())
            for item in items:
                ends = _then(out, ends, _add(out, item, idle))
            return ends
        case Repeat(item, least, most):
            return _repeat(out, item, least, most, idle)


def _repeat(out: _Automaton, item: Pattern, least: int, most: int | None, idle: set[int]) -> _Ends:
    ends: _Ends = (True, set(), set())
    for index in range(max(least, 1) if most is None else most):
        empty, first, last = _add(out, item, idle)
        if most is None and index >= least - 1:
            _link(out, last, first)
        ends = _then(out, ends, (empty or index >= least, first, last))
    return ends


def _then(out: _Automaton, left: _Ends, right: _Ends) -> _Ends:
    _link(out, left[2], right[1])
    first = left[1] | right[1] if left[0] else left[1]
    last = left[2] | right[2] if right[0] else right[2]
    return left[0] and right[0], first, last


def _link(out: _Automaton, last: set[int], first: set[int]) -> None:
    out.size += len(last) * len(first)
    if out.size > MOST_STEPS:
        raise _TooLargeError
    for place in last:
        out.follow[place] |= first
