"""Where each character of a YAML or JSON scalar's value stands in its text."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import yaml

from llmmon import lazily
from llmmon.source.composer import LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROPERTIES = lazily.pattern(r"(?:[&!][^\s,\[\]{}]*[ \t\n]+)*")
_FOLD = lazily.pattern(r"[ \t]*\n[ \t\n]*")
_CONTINUED = lazily.pattern(r"\\\n[ \t]*(\n?)[ \t\n]*")
_ESCAPE = lazily.pattern(r"\\(?:x.{2}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u.{4}|U.{8}|.)")
_EMPTY_LINES = lazily.pattern(r"\n[ \n]*\Z")
HEADER = lazily.pattern(r"[|>](?:([1-9])[+-]?|[+-]([1-9])?)?[^\n]*\n")
_OTHER_BREAKS = lazily.pattern("[\x85\u2028\u2029]")

Piece = tuple[str, int, int]  # a character of the value, and where it begins and ends in the text


class Place(NamedTuple):
    """A scalar, the text that it stands in, and what is around it."""

    text: str
    node: yaml.ScalarNode
    column: int = 0  # of the key, or of the list's dash, before it
    flow: bool = False  # inside brackets or braces
    json: bool = False  # beside keys in double quotes

    @property
    def start(self) -> int:
        """Where it begins, behind an anchor and a tag."""
        found = _PROPERTIES.match(self.text, self.node.start_mark.index)
        return found.end() if found else int(self.node.start_mark.index)

    @property
    def end(self) -> int:
        """Where it ends; a block ends before its last line break."""
        end = int(self.node.end_mark.index)
        if self.node.style not in ("|", ">"):
            return max(end, self.start)
        if not self.keeps:
            return self.start + len(_EMPTY_LINES.sub("", self.text[self.start : end]))
        return end - 1 if self.text[end - 1] == "\n" else end

    @property
    def head(self) -> str:
        """`|` or `>` with all that is on its line."""
        found = HEADER.match(self.text, self.start) if self.node.style in ("|", ">") else None
        return found[0][:-1] if found else ""

    @property
    def indent(self) -> int:
        """How far the lines of a block are indented, of the one that it is or of one that it could become."""
        if not self.head:
            return self.column + 2
        return _indent(self.text, self.start + len(self.head) + 1, int(self.node.end_mark.index))

    @property
    def keeps(self) -> bool:
        """Whether a block keeps all its empty lines at the end."""
        return "+" in self.head[:3]


@lru_cache(maxsize=16)  # a dashboard that is a text in another file has many fixes
def pieces(place: Place) -> tuple[Piece, ...]:
    """The characters of a value with their places; none where that is not certain."""
    node, text, start = place.node, place.text, place.start
    end = int(node.end_mark.index)
    if _OTHER_BREAKS.search(text, start, end):
        return ()
    if node.style not in ("|", ">"):
        quoted = 1 if node.style in ("'", '"') else 0
        found = tuple(_flow(text, start + quoted, end - quoted, node.style or ""))
        return found if _spelt(found) == node.value else ()
    head = HEADER.match(text, start)
    if head is None:
        return ()
    given = int(head[1] or head[2] or 0)
    for indent in (place.column + given, given) if given else (_indent(text, head.end(), end),):
        found = tuple(_block(text, head.end(), end, indent, node.style == ">"))[: len(node.value)]
        if _spelt(found) == node.value:
            return found
    return ()


def _spelt(found: tuple[Piece, ...]) -> str:
    return "".join(char for char, _, _ in found)


def _flow(text: str, at: int, end: int, style: str) -> Iterator[Piece]:
    """Plain and quoted scalars: a line break is a space, an empty line a line break."""
    while at < end:
        char, stop = text[at], at + 1
        fold = _FOLD.match(text, at, end) if char in " \t\n" else None
        if fold:
            breaks = fold[0].count("\n")
            yield ("\n" if breaks > 1 else " "), at, fold.end()
            yield from (("\n", fold.end(), fold.end()) for _ in range(breaks - 2))
            at = fold.end()
            continue
        if style == "'" and char == "'":
            stop = at + 2
        elif style == '"' and char == "\\":
            if text.startswith("\\\n", at):
                found = _CONTINUED.match(text, at, end)
                at = found.end() if found else at + 2
                continue
            escape = _ESCAPE.match(text, at, end)
            stop = escape.end() if escape else at + 1
            char = _unescaped(text[at:stop])
        yield char, at, stop
        at = stop


def _unescaped(escape: str) -> str:
    try:
        return str(json.loads(f'"{escape}"'))
    except ValueError:
        pass
    try:
        return str(yaml.load(f'"{escape}"', Loader=LOADER))  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError):
        return ""


def _indent(text: str, start: int, end: int) -> int:
    """How far the first line of a block that is not empty is indented."""
    for line in text[start:end].split("\n"):
        if line.strip(" "):
            return len(line) - len(line.lstrip(" "))
    return 0


def _block(text: str, at: int, end: int, indent: int, folded: bool) -> Iterator[Piece]:
    """The lines of a block; where it is folded, the break between two ordinary lines is a space, or nothing."""
    waiting: list[Piece] = []  # breaks since the last line that holds something
    ordinary = begun = False
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        start = min(at + indent, stop)
        if start < stop:
            plain = text[start] not in " \t"
            if folded and begun and ordinary and plain:
                _, first, last = waiting[0]
                waiting = [(" ", first, last)] if len(waiting) == 1 else waiting[1:]
            yield from waiting
            waiting, ordinary, begun = [], plain, True
            yield from ((text[index], index, index + 1) for index in range(start, stop))
        waiting.append(("\n", stop, min(stop + 1, end)))
        at = stop + 1
    yield from waiting
