"""How a value, or a part of one, is written in each style that YAML has for scalars."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

from llmmon import lazily
from llmmon.repair.changes import Change
from llmmon.repair.pieces import HEADER, pieces
from llmmon.source import reader
from llmmon.source.composer import LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Span
    from llmmon.repair.pieces import Piece, Place

_NO_PLAIN = lazily.pattern(r"[\s\-?:,\[\]{}#&*!|>'\"%@`]|$")
_PRINTABLE = lazily.pattern(r"[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*\Z")
_SHORT = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r"}


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


def _in_style(place: Place, new: str, found: tuple[Piece, ...]) -> str | None:
    """A part of a value as the scalar's style writes it; None where it cannot."""
    style = place.node.style
    if style == '"':
        return _escaped(new)
    if not _PRINTABLE.match(new.replace("\n", "") if style == "|" else new):
        return None
    if style == "'":
        return new.replace("'", "''")
    if style == "|":
        head = HEADER.match(place.text, place.start)
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
    return not isinstance(reader.scalar(value), str) or not isinstance(_resolved(value), str)


def _resolved(value: str) -> object:
    try:
        return yaml.load(value, Loader=LOADER)  # noqa: S506 - a safe one
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
        root = yaml.compose(text, Loader=LOADER)
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
