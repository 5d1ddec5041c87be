"""JSON text becomes plain values, as Go reads it, and nodes that know where they stand, as YAML's have them."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(r'[ \t\n\r]*(?:([{}\[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|([^\s{}\[\],:"]+))', re.DOTALL)
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_LONE = re.compile("[\ud800-\udfff]")
_MAY_BE_LONE = re.compile(r"\\u[dD][89a-fA-F]")
_TAGS = {"n": "null", "t": "bool", "f": "bool"}
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
    root: list[yaml.Node] = []
    stack: list[tuple[yaml.Node, list[Any]]] = []
    items: list[Any] = root
    key: yaml.Node | None = None
    at = 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        sign = found[1]
        if sign in (",", ":"):
            continue
        if sign in ("}", "]"):
            if not stack:
                return None
            node, items = stack.pop()
            node.end_mark = _Mark(at, starts)
            key = None
            continue
        start: Any = _Mark(found.start(found.lastindex or 0), starts)
        end: Any = _Mark(at, starts)
        inside: list[Any] = []
        if sign:
            kind = yaml.MappingNode if sign == "{" else yaml.SequenceNode
            node = kind("tag:yaml.org,2002:map" if sign == "{" else "tag:yaml.org,2002:seq", inside, start, end, True)
        else:
            node = _scalar(found[2], found[3], start, end)
        if stack and isinstance(stack[-1][0], yaml.MappingNode):
            if key is None and not sign:
                key = node
                continue
            items.append((key, node))
            key = None
        else:
            items.append(node)
        if sign:
            stack.append((node, items))
            items = inside
    return root[0] if root else None


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


def _scalar(quoted: str | None, plain: str | None, start: Any, end: Any) -> yaml.ScalarNode:
    if quoted is None:
        tag = f"tag:yaml.org,2002:{_TAGS.get((plain or ' ')[0], 'float')}"
        return yaml.ScalarNode(tag, plain, start, end, None)
    value = _LONE.sub("\ufffd", json.loads(quoted)) if "\\" in quoted else quoted[1:-1]
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, start, end, '"')


def _depth(text: str) -> int:
    """How deep the brackets go, at most."""
    deepest = depth = 0
    for sign in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _too_deep(text: str, deepest: int) -> Fault:
    depth = at = 0
    for found in _TOKEN.finditer(text):
        depth += (found[1] in ("{", "[")) - (found[1] in ("}", "]"))
        if depth > deepest:
            at = found.start(1)
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


def _duplicates(root: yaml.Node | None) -> list[Fault]:
    """Every key that a map has twice."""
    out = []
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                todo.append(value)
                if key.value in first:
                    message = f"duplicate key {key.value!r}: it is already on line {first[key.value]}; keep one"
                    out.append(Fault(message, key.start_mark.index, "duplicate-key"))
                first.setdefault(key.value, key.start_mark.line + 1)
    return sorted(out, key=lambda fault: fault.at)
