"""A way of keys becomes a line and a column, also inside a scalar that goes over several lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from llmmon.lazily import pattern

if TYPE_CHECKING:
    from llmmon.problem import Keys, Span
    from llmmon.source.document import Document

_ESCAPE = {  # one code point of a quoted scalar
    "'": pattern(r"''|.", re.DOTALL),
    '"': pattern(r"\\x..|\\u.{4}|\\U.{8}|\\.|.", re.DOTALL),
}


def position(document: Document, keys: Keys, span: Span | None) -> tuple[int, int]:
    """Line and column, from 1, of the node at `keys`, or of the nearest node above that exists."""
    node = document.root()
    if node is None:
        return 1, 1
    mark = node.start_mark
    for depth, key in enumerate(keys):
        found = _step(node, key)
        if found is None:
            return mark.line + 1, mark.column + 1
        at_key, node = found
        leaf = depth == len(keys) - 1
        mark = node.start_mark if leaf and span else at_key.start_mark if leaf else node.start_mark
    if span and isinstance(node, yaml.ScalarNode):
        return _in_json(document, node, span[0]) if document.json else _inside(node, document.lines, span[0])
    return mark.line + 1, mark.column + 1


def _in_json(document: Document, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
    from llmmon.source import jsontext

    first, last = node.start_mark.index, node.end_mark.index
    if node.style:
        offset = jsontext.written(document.text[first + 1 : last - 1], offset) + 1
    return node.start_mark.line + 1, node.start_mark.column + min(offset, last - first - 1) + 1


def _step(node: yaml.Node, key: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == key), None)
    if isinstance(node, yaml.SequenceNode):
        named = (i for i, item in enumerate(node.value) if isinstance(item, yaml.ScalarNode) and item.value == key)
        index = key if isinstance(key, int) else next(named, len(node.value))  # `by: [a]` is short for `by: {a: a}`
        if key == "":  # `panels: [...]` is short for `panels: {"": [...]}`
            return node, node
        return (node.value[index], node.value[index]) if index < len(node.value) else None
    return None


def _inside(node: yaml.ScalarNode, lines: list[str], offset: int) -> tuple[int, int]:
    """Line and column of a code point inside a scalar of any style, also where it goes over several lines."""
    mark, value = node.start_mark, str(node.value)
    if node.style in ("|", ">"):
        body = next((i for i in range(mark.line + 1, len(lines)) if lines[i].strip()), mark.line)
        indent = len(lines[body]) - len(lines[body].lstrip(" "))
        row, column, end = mark.line + 1, indent, len(lines)
    else:
        indent, row, column, end = -1, mark.line, mark.column + bool(node.style), node.end_mark.line + 1
    at = 0
    while row < end:
        line = lines[row].rstrip("\r")
        stop = len(line) if indent >= 0 else len(line.rstrip())
        while column < stop and at < offset:
            if node.style in _ESCAPE:
                column += len(_ESCAPE[node.style].match(line, column)[0])  # type: ignore[index]
                at += 1
            else:
                steps = min(stop - column, offset - at)
                column, at = column + steps, at + steps
        if at >= offset and (column < stop or at >= len(value)):
            break
        row += 1
        if row >= end:
            return row, stop + 1
        at += at < len(value) and value[at] in " \n"  # the end of a line is one of these, or nothing
        column = indent if indent >= 0 else len(lines[row]) - len(lines[row].lstrip())
    return row + 1, column + 1
