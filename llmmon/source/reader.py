"""Nodes become plain values, scalars as YAML 1.2 has them; all that no spec may hold is found in one pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import yaml

from llmmon.lazily import pattern
from llmmon.source.composer import MAX_DEPTH

if TYPE_CHECKING:
    from llmmon.problem import Problem
    from llmmon.source.document import Document
    from llmmon.source.values import Value

MAX_NODES = 200_000  # aliases expanded, in a file that is shorter
PLAIN = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER = pattern(r"[-+]?[0-9]{1,1000}\Z|0o[0-7]{1,1000}\Z|0x[0-9a-fA-F]{1,1000}\Z")  # Python reads 4,300 at most
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL = pattern(r"(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
)


def scalar(text: str) -> Value:
    """A plain scalar as YAML 1.2's core schema reads it."""
    if text in PLAIN:
        return PLAIN[text]
    if INTEGER.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    if special := _SPECIAL.match(text):
        return float(f"{special[1] or ''}inf") if special[1] is not None else math.nan
    return text


class Reader:
    """Nodes to values; every duplicate key, odd key and alias bomb of a file in one pass."""

    own = True  # our own files, in which a tag of somebody's means nothing

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.nodes = 0
        self.most = max(MAX_NODES, len(document.text))  # what is written out takes a character for each
        self.fatal = False

    def value(self, node: yaml.Node, inside: tuple[int, ...] = ()) -> Value:
        self.nodes += 1
        if len(inside) > MAX_DEPTH:
            self._too_deep(node)
            return None
        if self.nodes > self.most or id(node) in inside:
            self._bomb(node, itself=id(node) in inside)
            return None
        if self.own and node.tag not in _TAGS:
            self._add(node, f"the tag {node.tag!r} means nothing here: leave it out", "yaml-tag")
        kind = type(node)
        if kind is yaml.ScalarNode:
            return self.scalar(node)  # type: ignore[arg-type]
        here = (*inside, id(node))
        if kind is yaml.SequenceNode:
            return [self.value(item, here) for item in node.value]
        return self._mapping(node, here)

    def scalar(self, node: yaml.ScalarNode) -> Value:
        return str(node.value) if node.style else scalar(node.value)

    def _mapping(self, node: yaml.Node, inside: tuple[int, ...]) -> dict[str, Value]:
        out: dict[str, Value] = {}
        for key_node, value_node in self.pairs(node):
            if type(key_node) is not yaml.ScalarNode:
                self._add(key_node, "a key must be a plain word, not a map or a list", "odd-key")
                continue
            key: str = key_node.value
            if key == "<<" and not key_node.style:
                self._add(key_node, "`<<` merges only in YAML 1.1: write the keys out", "merge-key")
                continue
            if key in out:
                first = next(one for one, _ in self.pairs(node) if one.value == key)
                line = first.start_mark.line + 1
                self._add(key_node, f"duplicate key {key!r}: it is already on line {line}; keep one", "duplicate-key")
                continue
            out[key] = self.value(value_node, inside)
            if self.fatal:
                break
        return out

    def pairs(self, node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
        pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
        return pairs

    def _add(self, node: yaml.Node, message: str, rule: str) -> None:
        from llmmon.source import faults  # few files have any

        self.problems.append(faults.at(self.document, node.start_mark, message, rule))

    def _too_deep(self, node: yaml.Node) -> None:
        from llmmon.source import faults

        self.problems += [] if self.fatal else [faults.too_deep(self.document, node.start_mark)]
        self.fatal = True

    def _bomb(self, node: yaml.Node, itself: bool) -> None:
        if not self.fatal:
            why = (
                "this anchor holds an alias of itself" if itself else f"aliases expand to more than {MAX_NODES:,} nodes"
            )
            self._add(node, f"{why}: write the values out", "alias-bomb")
        self.fatal = True
