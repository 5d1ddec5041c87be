"""YAML scalars in their text: where each character of a value stands, and how a value is written in each style."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import yaml

from llmmon import source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Span

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t\n]+)*")
_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")
_CONTINUED = re.compile(r"\\\n[ \t]*(\n?)[ \t\n]*")
_ESCAPE = re.compile(r"\\(?:x.{2}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u.{4}|U.{8}|.)")
_EMPTY_LINES = re.compile(r"\n[ \n]*\Z")
_HEADER = re.compile(r"[|>](?:([1-9])[+-]?|[+-]([1-9])?)?[^\n]*\n")
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
_NO_PLAIN = re.compile(r"[\s\-?:,\[\]{}#&*!|>'\"%@`]|$")
_PRINTABLE = re.compile(r"[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*\Z")
_SHORT = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_DEEPEST = 200  # columns that a block with a digit in its head is looked for in

Piece = tuple[str, int, int]  # a character of the value, and where it begins and ends in the text


class Change(NamedTuple):
    """A text that stands instead of what is there from `start` to `end`."""

    start: int
    end: int
    text: str


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
        found = _HEADER.match(self.text, self.start) if self.node.style in ("|", ">") else None
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


def replaced(place: Place, span: Span, new: str) -> Change | None:
    """`new` instead of a part of a value, with as little change as possible; None where it cannot be written."""
    value = str(place.node.value)
    first, last = span
    if not 0 <= first <= last <= len(value):
        return None
    whole = value[:first] + new + value[last:]
    if (first, last) == (0, len(value)) and place.node.style not in ("|", ">"):
        return rewritten(place, whole)
    found = pieces(place)
    written = _in_style(place, new, found) if found else None
    if found and written is not None:
        begin = found[first][1] if first < len(found) else found[-1][2]
        end = found[last - 1][2] if last > first else begin
        change = Change(begin, end, written)
        if _reads(place, change, whole):
            return change
    return rewritten(place, whole)


def rewritten(place: Place, value: str, block: bool = False) -> Change | None:
    """The whole scalar anew, in its own style where that can hold the value, or as a literal block."""
    gap = " " if place.text[place.start - 1 : place.start] in (":", "-") else ""  # where there was no value
    for text, end in _styles(place, value, block):
        change = Change(place.start, end, gap + text)
        if _reads(place, change, value):
            return change
    return None


def pieces(place: Place) -> list[Piece]:
    """The characters of a value with their places; none where that is not certain."""
    node, text, start = place.node, place.text, place.start
    end = int(node.end_mark.index)
    if _OTHER_BREAKS.search(text, start, end):
        return []
    if node.style not in ("|", ">"):
        quoted = 1 if node.style in ("'", '"') else 0
        found = list(_flow(text, start + quoted, end - quoted, node.style or ""))
        return found if _spelt(found) == node.value else []
    head = _HEADER.match(text, start)
    if head is None:
        return []
    given = head[1] or head[2]
    for indent in range(int(given), _DEEPEST) if given else (_indent(text, head.end(), end),):
        found = list(_block(text, head.end(), end, indent, node.style == ">"))[: len(node.value)]
        if _spelt(found) == node.value:
            return found
    return []


def _spelt(found: list[Piece]) -> str:
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
        return str(yaml.load(f'"{escape}"', Loader=_LOADER))  # noqa: S506 - a safe one
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


def _in_style(place: Place, new: str, found: list[Piece]) -> str | None:
    """A part of a value as the scalar's style writes it; None where it cannot."""
    style = place.node.style
    if style == '"':
        return _escaped(new)
    if not _PRINTABLE.match(new.replace("\n", "") if style == "|" else new):
        return None
    if style == "'":
        return new.replace("'", "''")
    if style == "|":
        head = _HEADER.match(place.text, place.start)
        line = next((start for char, start, _ in found if char != "\n"), place.start)
        indent = line - place.text.rfind("\n", 0, line) - 1 if head else 0
        return re.sub(r"\n(?!\n|\Z)", "\n" + " " * indent, new)
    return None if "\t" in new or (place.flow and "?" in new) else new  # in brackets ? may begin a key


def _styles(place: Place, value: str, block: bool) -> Iterator[tuple[str, int]]:
    """The scalar written anew, and where what it replaces ends; the style that it has comes first."""
    style = place.node.style or None  # of a plain scalar it is an empty text
    end = place.end
    literal = _literal(place, value)
    if literal and (block or style in ("|", ">")):
        yield literal
    if style in ("|", ">") and "#" in place.head:
        return  # there is no other place for this comment
    one_line = _PRINTABLE.match(value) is not None
    single = "'" + value.replace("'", "''") + "'"
    if place.json and not (style is None and _typed(value)):
        yield f'"{_escaped(value)}"', end
        return
    if style is None or style in ("|", ">"):
        typed = _typed(value) and not (style is None and _typed(str(place.node.value)))
        odd = "\t" in value or (place.flow and "?" in value)
        if one_line and not odd and not typed and not _NO_PLAIN.match(value):
            yield value, end
    if one_line and (style != '"' or ('"' in value and "'" not in value)):
        yield single, end
    if literal and "\n" in value.strip("\n"):
        yield literal
    yield f'"{_escaped(value)}"', end


def _typed(value: str) -> bool:
    """Whether a plain scalar is something else than a text for some reader of YAML."""
    return not isinstance(source.scalar(value), str) or not isinstance(_resolved(value), str)


def _resolved(value: str) -> object:
    try:
        return yaml.load(value, Loader=_LOADER)  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError):
        return value


def _literal(place: Place, value: str) -> tuple[str, int] | None:
    """As a literal block; a comment behind a scalar goes behind the block's head, where it stands on the same line."""
    if place.flow or not value.strip() or value[0] in " \n\t" or not _PRINTABLE.match(value.replace("\n", "")):
        return None
    text, end, head, indent = place.text, place.end, place.head, place.indent
    if head:
        tail = head[1:].lstrip("+-123456789")
    else:
        stop = text.find("\n", end)
        tail = text[end : stop if stop >= 0 else len(text)]
        end += len(tail)
        if tail.strip() and not tail.lstrip().startswith("#"):
            return None
    chomping = "-" if value[-1] != "\n" else "+" if value.endswith("\n\n") else ""
    if chomping == "+" and not place.keeps:
        return None
    lines = value.removesuffix("\n").split("\n")
    body = "\n".join(" " * indent + line if line else "" for line in lines)
    return f"|{chomping}{tail.rstrip()}\n{body}", end


def _escaped(value: str) -> str:
    return "".join(_SHORT.get(char) or (char if _PRINTABLE.match(char) else _code(char)) for char in value)


def _code(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _reads(place: Place, change: Change, value: str) -> bool:
    """Whether the scalar is this value after a change, alone in a text of its own."""
    if not place.start <= change.start <= change.end:
        return False
    stop = max(place.end, change.end)
    written = place.text[place.start : change.start] + change.text + place.text[change.end : stop]
    if place.node.style in ("|", ">"):
        written += place.text[stop : int(place.node.end_mark.index)]  # the empty lines that belong to it
    if place.json:
        return _json_reads(written, value)
    before = " " * place.column
    end = "" if written.endswith("\n") else "\n"
    text = f"{before}[{written}\n{before}]" if place.flow else f"{before}k: {written}{end}"
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        return False
    inside = root.value if root is not None else []
    if not isinstance(inside, list) or len(inside) != 1:
        return False
    node = inside[0] if place.flow else inside[0][1]
    return isinstance(node, yaml.ScalarNode) and node.value == value


def _json_reads(written: str, value: str) -> bool:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return False
    return found == value if isinstance(found, str) else written == value
