"""Reads the style in which nearly every rule file is written line by line, in a third of the time that libyaml takes.

That is maps and lists in blocks, and values that are plain, quoted, in braces on one line, or in a block of their own.
What is read here is what libyaml and `GoReader` make of it; of a text with anything else, nothing is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon.lazily import pattern
from llmmon.source.scalars import MAY_BE_TYPED, NULLS, Plain, is_typed

if TYPE_CHECKING:
    from llmmon.source.values import Value

_DEEPEST = 60
_LINE = pattern(r"( *)(- +)?([A-Za-z_][\w./-]{0,127}):(?: +(.*))?\Z", re.ASCII)
_ITEM = pattern(r"( *)- +([^ ].*)\Z")
_QUOTED = pattern(r"""(?:"((?:[^"\\]|\\["\\/nt])*)"|'((?:[^']|'')*)')(?: +(?:#.*)?)?\Z""")
_ESCAPED = pattern(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t"}
_BREAKS = pattern(r"\n(\n*)")
_INSIDE = pattern(r"[A-Za-z0-9_][\w./%+=-]*(?: [\w./%+=-]+)*\Z", re.ASCII)  # of braces and brackets
_OF_TEXTS = frozenset("ABCDEGHIJKLMPQRSUVWXZabcdeghijklmpqrsuvwxz_/(^$=<")  # what begins so is nothing but a text
_OF_WORDS = (_OF_TEXTS | MAY_BE_TYPED | {"~"}) - {"-"}


class _Other(Exception):  # noqa: N818 - never leaves this file
    """Something that is not read here."""


def read(text: str) -> dict[str, Value] | None:
    """The map of a text as Go reads it into fields of text; None where libyaml has to look."""
    lines = text.split("\n")
    if not "".join(lines).isprintable() or "null:" in text:  # tabs, other ends of lines; a key that is none
        return None
    try:
        return _Lines(lines).map() or None
    except _Other:
        return None


class _Lines:
    def __init__(self, lines: list[str]) -> None:
        self.lines = [*lines, ""]
        self.ended = not lines[-1]  # the last line, too
        self.at = 0  # the next line
        self.braces: dict[str, dict[str, Value]] = {}  # the same labels stand at many rules

    def map(self) -> dict[str, Value]:
        lines, count = self.lines, len(self.lines)
        root: dict[str, Value] = {}
        here: Any = root  # the innermost map or list, which begins in this column
        column, further = 0, " "
        around: list[tuple[int, Any]] = []
        waiting: str | None = None  # the key of the map whose value may follow
        marked = False
        while self.at < count:
            line = lines[self.at]
            self.at += 1
            if found := _LINE.match(line):
                spaces, dash, key, rest = found.groups()
            elif not (told := line.lstrip(" ")) or told[0] == "#":
                continue
            elif line == "---" and not (marked or root):
                marked = True
                continue
            elif found := _ITEM.match(line):
                (spaces, rest), dash, key = found.groups(), "- ", ""
            else:
                raise _Other
            begins = len(spaces)
            if begins != column or dash or type(here) is list:
                if waiting is not None and begins >= column:
                    around.append((column, here))
                    inside: Any = [] if dash else {}
                    here[waiting] = inside
                    here, column = inside, begins
                else:
                    kind = list if dash else dict
                    while column > begins or (column == begins and type(here) is not kind):
                        if not around:
                            raise _Other
                        column, here = around.pop()
                    if column != begins or type(here) is not kind:
                        raise _Other
                if dash:
                    if not key:
                        here.append(self.scalar(rest, column))
                        waiting = None
                        continue
                    around.append((column, here))
                    entry: dict[str, Value] = {}
                    here.append(entry)
                    here, column = entry, begins + len(dash)
                if len(around) > _DEEPEST:
                    raise _Other
                further = " " * (column + 1)
            if key in here:
                raise _Other
            if not rest or rest[0] == "#":
                here[key] = None
                waiting = key
                continue
            waiting = None
            simple = rest[0] in _OF_TEXTS and "#" not in rest and not lines[self.at].startswith(further)
            if simple and rest[-1] not in ": " and ": " not in rest:
                here[key] = rest
            else:
                here[key] = self.scalar(rest, column)
        return root

    def scalar(self, text: str, column: int) -> Value:
        """What begins at the end of the last line, inside of what begins in `column`."""
        first = text[0]
        if first in _OF_WORDS or (first == "-" and text[1:2].isalnum()):
            return _plain(self.words(text, column))
        if first == '"' or first == "'":
            return _quoted(text, first)
        if first == "{":
            if text not in self.braces:
                self.braces[text] = _braces(text)
            return self.braces[text].copy()
        if first == "[":
            return [_inside(entry) for entry in _entries(text, "]")]
        bare = text.partition(" #")[0].rstrip(" ")
        if bare in ("|", "|-", ">", ">-"):
            return self.block(first == ">", column) + "\n" * (len(bare) == 1)
        raise _Other

    def words(self, text: str, column: int) -> str:
        """A text without quotes; it goes on in lines that are further in."""
        bare = text.partition(" #")[0].rstrip(" ")
        if len(bare) == len(text):
            further = " " * (column + 1)
            while (line := self.lines[self.at]).startswith(further):
                more = line.strip(" ")
                if not more or "#" in more:
                    break
                bare += " " + more
                self.at += 1
        if bare[-1] == ":" or ": " in bare:
            raise _Other
        return bare

    def block(self, folded: bool, column: int) -> str:
        """The lines that are further in, without the breaks at their end."""
        lines, start = self.lines, self.at
        while start < len(lines) and not lines[start]:
            start += 1
        if start == len(lines):
            raise _Other
        indent = len(lines[start]) - len(lines[start].lstrip(" "))
        if not column < indent < len(lines[start]):
            raise _Other
        prefix = " " * indent
        body = [""] * (start - self.at)
        for self.at in range(start, len(lines)):
            line = lines[self.at]
            if line.startswith(prefix):
                body.append(line[indent:])
            elif not line or line.isspace():
                body.append("")
            elif line.startswith(" " * (column + 1)):
                raise _Other
            else:
                break
        else:
            if not self.ended:
                raise _Other
            self.at += 1
        while not body[-1]:
            body.pop()
        text = "\n".join(body)
        if not folded:
            return text
        if "\n " in text or text[0] == "\n":
            raise _Other
        return _BREAKS.sub(lambda breaks: breaks[1] or " ", text)


def _plain(text: str) -> Value:
    if text in NULLS:
        return None
    return Plain(text) if is_typed(text) else text


def _quoted(text: str, quote: str) -> str:
    if text[-1] == quote and "\\" not in text and text.count(quote) == 2:
        return text[1:-1]
    found = _QUOTED.match(text)
    if not found:
        raise _Other
    double, single = found.groups()
    if double is None:
        return str(single).replace("''", "'")
    return _ESCAPED.sub(lambda one: _ESCAPES.get(one[1], one[1]), double) if "\\" in double else str(double)


def _braces(text: str) -> dict[str, Value]:
    out: dict[str, Value] = {}
    for entry in _entries(text, "}"):
        key, _, value = entry.partition(": ")
        if key in out or key == "null" or not (key.isidentifier() and key.isascii()):
            raise _Other
        out[key] = _inside(value)
    return out


def _entries(text: str, end: str) -> list[str]:
    """What is between commas, of braces or brackets that hold nothing of the kind."""
    inside, closed, after = text[1:].partition(end)
    after = after.partition(" #")[0].strip(" ")
    if not closed or after:
        raise _Other
    return [entry.strip(" ") for entry in inside.split(",")] if inside.strip(" ") else []


def _inside(text: str) -> Value:
    """A value inside of braces or brackets."""
    text = text.strip(" ")
    if not _INSIDE.match(text):
        raise _Other
    return _plain(text)
