"""JSON text becomes plain values, as Go reads it, and nodes that know where they stand, as YAML's have them."""

from __future__ import annotations

import functools
import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from llmmon import lazily

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_STRING = lazily.pattern(_QUOTED, re.DOTALL)
_ENTRY = lazily.pattern(  # an item, with its key; or the end of a map or list
    rf"[ \t\n\r,]*(?:({_QUOTED})[ \t\n\r]*:[ \t\n\r]*)?(?:([{{\[])|({_QUOTED})|([^\s{{}}\[\],:\"]+)|([}}\]]))",
    re.DOTALL,
)
_OUTSIDE = lazily.pattern(rf"{_QUOTED}|[\[\]{{}}]", re.DOTALL)
_BRACKET = lazily.pattern(r"[\[\]{}]")
_LONE = lazily.pattern("[\ud800-\udfff]")
_MAY_BE_LONE = lazily.pattern(r"\\u[dD][89a-fA-F]")
_MAP, _LIST, _TEXT, _FLOAT, _BOOL, _NULL = (
    f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "float", "bool", "null")
)
_ESCAPE = lazily.pattern(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u.{4}|\\.")
_TAGS = {"n": _NULL, "t": _BOOL, "f": _BOOL}
_ADVICE = {  # what the decoder says, and what helps
    "Expecting property name enclosed in double quotes": "expected a key in double quotes; no comma stands before }",
    "Expecting ',' delimiter": "expected a comma, or the end of the map or list",
    "Expecting ':' delimiter": "expected : after the key",
    "Expecting value": "expected a value; no comma stands before ], and words other than true, false, null need quotes",
    "Extra data": "something stands behind the end of the value: remove it",
    "Unterminated string starting at": "this text has no end: close the quote",
    "Invalid control character at": "a line break or a tab inside a text: write \\n or \\t",
    "Invalid \\escape": 'after a backslash stands one of " \\ / b f n r t u: write \\\\ for the backslash itself',
    "Invalid \\uXXXX escape": "after \\u stand four hexadecimal digits",
}


class Fault(NamedTuple):
    """What is wrong with a text, and at which code point of it."""

    message: str
    at: int
    kind: str  # of `structure.KINDS`


class Read(NamedTuple):
    """A value, None where it cannot be read, and what is wrong."""

    value: Any
    faults: list[Fault]


def read(text: str, deepest: int) -> Read:
    """The value of a JSON text. Of a key that stands twice the last one counts; half a surrogate pair is U+FFFD."""
    twice = []

    def collected(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) < len(pairs):
            twice.append(True)
        return out

    try:
        value = json.loads(text, object_pairs_hook=collected, parse_constant=_no_number, parse_int=_whole)
    except json.JSONDecodeError as error:
        said = error.msg.removesuffix(" (char 0)")
        return Read(None, [Fault(f"not JSON: {_ADVICE.get(said, said)}", error.pos, "json-syntax")])
    except _NoNumber as error:
        return Read(None, [Fault(f"not JSON: {error} is no number there", text.find(str(error)), "json-syntax")])
    except RecursionError:
        return Read(None, [_too_deep(text, deepest)])
    if _depth(text) > deepest:
        return Read(None, [_too_deep(text, deepest)])
    if _MAY_BE_LONE.search(text):
        value = _whole_characters(value)
    return Read(value, _duplicates(compose(text)) if twice else [])


def compose(text: str) -> yaml.Node | None:
    """The nodes of a JSON text that can be read; None where there are none."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    root: list[Any] = []
    items = root
    stack: list[tuple[yaml.Node, list[Any]]] = []
    end = 0
    while found := _ENTRY.match(text, end):
        end = found.end()
        key, opens, quoted, plain, closes = found.groups()
        if closes:
            if not stack:
                return None
            node, items = stack.pop()
            node.end_mark = _Mark(end, starts)
            continue
        inside: list[Any] = []
        value: yaml.Node
        if opens:
            start: Any = _Mark(found.start(2), starts)
            kind = yaml.MappingNode if opens == "{" else yaml.SequenceNode
            value = kind(_MAP if opens == "{" else _LIST, inside, start, start, flow_style=True)
        else:
            value = _scalar(quoted, plain, found.start(3 if quoted else 4), end, starts)
        items.append(value if key is None else (_scalar(key, None, found.start(1), found.end(1), starts), value))
        if opens:
            stack.append((value, items))
            items = inside
    return root[0] if root else None


def written(raw: str, offset: int) -> int:
    """Where a code point of a value is in the text between the quotes."""
    values, behind = _escapes(raw)
    before = bisect_right(values, offset) - 1
    return offset if before < 0 else behind[before] + offset - values[before]


@functools.lru_cache(maxsize=16)  # what is wrong with a query is often wrong in several places
def _escapes(raw: str) -> tuple[list[int], list[int]]:
    """Behind each escape, how many code points of the value there are, and how many of the text."""
    values, behind = [], []
    shorter = 0
    for found in _ESCAPE.finditer(raw):
        shorter += len(found[0]) - 1
        values.append(found.end() - shorter)
        behind.append(found.end())
    return values, behind


class _Mark:
    """A place in the text; line and column are counted when somebody asks."""

    __slots__ = ("index", "starts")

    def __init__(self, index: int, starts: Sequence[int]) -> None:
        self.index = index
        self.starts = starts

    @property
    def line(self) -> int:
        return bisect_right(self.starts, self.index) - 1

    @property
    def column(self) -> int:
        return self.index - self.starts[self.line]


class _NoNumber(Exception):  # noqa: N818 - never leaves this file
    pass


def _no_number(text: str) -> None:
    raise _NoNumber(text)


def _whole(text: str) -> int | float:
    return int(text) if len(text) < 1000 else float(text)  # Python reads 4,300 digits at most


def _scalar(quoted: str | None, plain: str | None, at: int, end: int, starts: Sequence[int]) -> yaml.ScalarNode:
    first: Any = _Mark(at, starts)
    last: Any = _Mark(end, starts)
    if quoted is None:
        return yaml.ScalarNode(_TAGS.get((plain or " ")[0], _FLOAT), plain, first, last, None)
    value = _LONE.sub("\ufffd", json.loads(quoted)) if "\\" in quoted else quoted[1:-1]
    return yaml.ScalarNode(_TEXT, value, first, last, '"')


def _depth(text: str) -> int:
    """How deep the brackets go, at most."""
    deepest = depth = 0
    for sign in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _too_deep(text: str, deepest: int) -> Fault:
    depth = at = 0
    for found in _OUTSIDE.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found[0], 0)
        if depth > deepest:
            at = found.start()
            break
    return Fault(f"nested deeper than {deepest} levels, which nobody needs: close the brackets", at, "too-deep")


def _whole_characters(value: Any) -> Any:
    match value:
        case str():
            return _LONE.sub("\ufffd", value)
        case list():
            return [_whole_characters(item) for item in value]
        case dict():
            return {_LONE.sub("\ufffd", key): _whole_characters(item) for key, item in value.items()}
    return value


def _same(one: yaml.Node, other: yaml.Node) -> bool:
    scalars = isinstance(one, yaml.ScalarNode) and isinstance(other, yaml.ScalarNode)
    return scalars and (one.tag, one.value) == (other.tag, other.value)


def _duplicates(root: yaml.Node | None) -> list[Fault]:
    """Every key that a map has twice, unless it says the same both times."""
    out = []
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode):
            first: dict[str, tuple[int, yaml.Node]] = {}
            for key, value in node.value:
                todo.append(value)
                line, before = first.setdefault(key.value, (key.start_mark.line + 1, value))
                if before is not value and not _same(before, value):
                    message = f"duplicate key {key.value!r}: it is already on line {line}; keep one"
                    out.append(Fault(message, key.start_mark.index, "duplicate-key"))
    return sorted(out, key=lambda fault: fault.at)
