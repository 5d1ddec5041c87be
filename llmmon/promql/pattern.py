"""The tree of a label's regex, as far as it is about which texts it matches, and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from llmmon.classes import frozen

Ranges: TypeAlias = tuple[tuple[int, int], ...]  # of code points, both ends included, in order

LAST: Final = 0x10FFFF
ANY: Final[Ranges] = ((0, LAST),)
_CLASSES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "s": ((9, 10), (12, 13), (32, 32)),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
}
_CONTROLS: Final = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_REPEAT: Final = re.compile(r"\{([0-9]+)(,?)([0-9]*)\}").match
_GROUP: Final = re.compile(r"\(\?(?:P?<\w+>|([imsU]*)(?:-([imsU]+))?([:)]))").match
_CODE: Final = re.compile(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|([0-7]{1,3})").match


@frozen
class Chars:
    """One character of these."""

    ranges: Ranges


@frozen
class Sequence:
    items: tuple[Pattern, ...]


@frozen
class Choice:
    items: tuple[Pattern, ...]


@frozen
class Repeat:
    """`most` is None where there is no end."""

    item: Pattern
    least: int
    most: int | None


@frozen
class Edge:
    """An anchor, and where it stands in the text of the regex."""

    side: Literal["start", "end"]
    at: int
    length: int


Pattern: TypeAlias = Chars | Sequence | Choice | Repeat | Edge


class _UnknownError(Exception):
    """Something that this module does not read."""


@lru_cache(maxsize=4096)
def tree(pattern: str) -> Pattern | None:
    """The tree of a valid regex; None where something in it is about more than its characters, such as `\\b`."""
    try:
        return _Reader(pattern).choice()
    except (_UnknownError, RecursionError):
        return None


def edges(node: Pattern) -> list[Edge]:
    """The anchors that say nothing, because the whole regex is anchored anyway."""
    return _edges(node, start=True, end=True)


def word(node: Pattern) -> str | None:
    """The one text that a regex without anchors matches, where it is one."""
    match node:
        case Chars(ranges) if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            return chr(ranges[0][0])
        case Sequence(items):
            parts = [word(item) for item in items]
            return None if None in parts else "".join(part for part in parts if part)
    return None


def _edges(node: Pattern, *, start: bool, end: bool) -> list[Edge]:
    match node:
        case Edge(side):
            return [node] if (start if side == "start" else end) else []
        case Choice(items):
            return [edge for item in items for edge in _edges(item, start=start, end=end)]
        case Sequence(items):
            solid = [index for index, item in enumerate(items) if not isinstance(item, Edge)]
            first, last = (solid[0], solid[-1]) if solid else (len(items), -1)
            return [
                edge
                for index, item in enumerate(items)
                for edge in _edges(item, start=start and index <= first, end=end and index >= last)
            ]
    return []


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.pos = 0
        self.fold = False  # (?i)
        self.dot = ANY  # Prometheus reads every regex with (?s)

    def choice(self) -> Pattern:
        items = [self.sequence()]
        while self.taken("|"):
            items.append(self.sequence())
        return items[0] if len(items) == 1 else Choice(tuple(items))

    def sequence(self) -> Pattern:
        items: list[Pattern] = []
        while self.pos < len(self.pattern) and self.pattern[self.pos] not in "|)":
            item = self.atom()
            if item is not None:
                items.append(self.repeated(item))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def repeated(self, item: Pattern) -> Pattern:
        bounds: tuple[int, int | None]
        if self.taken("*"):
            bounds = (0, None)
        elif self.taken("+"):
            bounds = (1, None)
        elif self.taken("?"):
            bounds = (0, 1)
        elif found := _REPEAT(self.pattern, self.pos):
            self.pos = found.end()
            low, comma, high = found.groups()
            bounds = (int(low), int(high or 0) or (None if comma and not high else int(low)))
        else:
            return item
        self.taken("?")  # lazy: the same texts
        if isinstance(item, Edge):
            raise _UnknownError
        return Repeat(item, *bounds)

    def atom(self) -> Pattern | None:
        at = self.pos
        char = self.pattern[at]
        self.pos += 1
        match char:
            case "(":
                return self.group()
            case "[":
                return Chars(self.ranges())
            case ".":
                return Chars(self.dot)
            case "^":
                return Edge("start", at, 1)
            case "$":
                return Edge("end", at, 1)
            case "\\":
                return self.escaped(at)
        return Chars(self.folded(((ord(char), ord(char)),)))

    def group(self) -> Pattern | None:
        before = self.fold, self.dot
        found = _GROUP(self.pattern, self.pos - 1)
        if found:
            self.pos = found.end()
            on, off, closing = found.groups()
            self.flags(on or "", off or "")
            if closing == ")":
                return None
        inner = self.choice()
        if not self.taken(")"):
            raise _UnknownError
        self.fold, self.dot = before
        return inner

    def flags(self, on: str, off: str) -> None:
        if "m" in on:
            raise _UnknownError
        self.fold = (self.fold or "i" in on) and "i" not in off
        if "s" in off:
            self.dot = _without(((10, 10),))
        elif "s" in on:
            self.dot = ANY

    def escaped(self, at: int) -> Pattern:
        char = self.pattern[self.pos]
        if char in "Az":
            self.pos += 1
            return Edge("start" if char == "A" else "end", at, 2)
        if char in "bBpPQEC":
            raise _UnknownError
        if char.lower() in _CLASSES:
            self.pos += 1
            return Chars(_class(char))
        code = self.code()
        return Chars(self.folded(((code, code),)))

    def code(self) -> int:
        """The character behind a backslash."""
        found = _CODE(self.pattern, self.pos)
        if found:
            self.pos = found.end()
            return min(int(found[1] or found[2] or found[3], 8 if found[3] else 16), LAST)
        char = self.pattern[self.pos]
        self.pos += 1
        return _CONTROLS.get(char, ord(char))

    def ranges(self) -> Ranges:
        """What stands between brackets, the first of which has been read."""
        negated = self.taken("^")
        out: list[tuple[int, int]] = []
        first = True
        while first or self.pattern[self.pos] != "]":
            first = False
            if self.pattern.startswith("[:", self.pos):
                raise _UnknownError
            if self.pattern[self.pos] == "\\" and self.pattern[self.pos + 1].lower() in _CLASSES:
                out += _class(self.pattern[self.pos + 1])
                self.pos += 2
                continue
            low = high = self.character()
            if self.pattern[self.pos] == "-" and self.pattern[self.pos + 1] != "]":
                self.pos += 1
                high = self.character()
            out.append((low, high))
        self.pos += 1
        known = self.folded(tuple(out))
        return _without(known) if negated else _merged(known)

    def character(self) -> int:
        if not self.taken("\\"):
            self.pos += 1
            return ord(self.pattern[self.pos - 1])
        if self.pattern[self.pos] in "pPQECbB":
            raise _UnknownError
        return self.code()

    def folded(self, ranges: Ranges) -> Ranges:
        """The same in both cases, where that is asked for."""
        if not self.fold:
            return ranges
        if any(high > 127 for _, high in ranges):
            raise _UnknownError  # each alphabet has rules of its own
        letters = {chr(code) for low, high in ranges for code in range(low, high + 1) if chr(code).isalpha()}
        odd = {"\u212a" for char in letters if char in "kK"} | {"\u017f" for char in letters if char in "sS"}
        return _merged((*ranges, *((ord(char), ord(char)) for letter in letters for char in letter.swapcase()),
                        *((ord(char), ord(char)) for char in odd)))  # fmt: skip

    def taken(self, char: str) -> bool:
        found = self.pattern.startswith(char, self.pos)
        self.pos += found
        return found


def _class(char: str) -> Ranges:
    ranges = _CLASSES[char.lower()]
    return _without(ranges) if char.isupper() else ranges


def _merged(ranges: Ranges) -> Ranges:
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def _without(ranges: Ranges) -> Ranges:
    """Every other character."""
    out: list[tuple[int, int]] = []
    start = 0
    for low, high in _merged(ranges):
        if low > start:
            out.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        out.append((start, LAST))
    return tuple(out)
