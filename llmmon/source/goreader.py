"""Nodes become values as Go's libraries read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from llmmon.source.reader import INTEGER, PLAIN, Reader
from llmmon.source.scalars import Plain

if TYPE_CHECKING:
    from llmmon.source.values import Value

_STRING = "tag:yaml.org,2002:str"
_NULLS = frozenset(("", "~", "null"))
_SPECIAL = _NULLS | {"<<"}
_TYPED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "int"))


class GoReader(Reader):
    """As Go's library reads into fields of text: `010` and `yes` are what they look like."""

    own = False

    def scalar(self, node: yaml.ScalarNode) -> Value:
        if node.style or node.tag == _STRING:
            return str(node.value)
        if node.value in PLAIN and PLAIN[node.value] is None:
            return None
        return Plain(node.value) if node.tag in _TYPED and ":" not in node.value else str(node.value)

    def pairs(self, node: yaml.Node, inside: tuple[int, ...] = ()) -> list[tuple[yaml.Node, yaml.Node]]:
        """A merge brings what is not written beside it, and the first of several wins; a null is no key."""
        for key, _ in node.value:
            if type(key) is yaml.ScalarNode and key.value in _SPECIAL and not key.style:
                return self._merged(node, inside)
        return super().pairs(node)

    def _merged(self, node: yaml.Node, inside: tuple[int, ...]) -> list[tuple[yaml.Node, yaml.Node]]:
        out = [pair for pair in node.value if not _merges(pair[0]) and not _is_null(pair[0])]
        written = {key.value for key, _ in out if isinstance(key, yaml.ScalarNode)}
        for source in (value for key, value in node.value if _merges(key)):
            maps = source.value if isinstance(source, yaml.SequenceNode) else [source]
            for one in maps:
                if not isinstance(one, yaml.MappingNode) or id(one) in (*inside, id(node)):
                    self._add(source, "`<<` merges maps, and this is none: write an alias of a map", "merge-key")
                    continue
                more = [pair for pair in self.pairs(one, (*inside, id(node))) if pair[0].value not in written]
                written |= {key.value for key, _ in more if isinstance(key, yaml.ScalarNode)}
                out += more
        return out


class PlainReader(GoReader):
    """As Go's older library reads into fields of several kinds; in brackets it takes `?` for the mark of a key."""

    def value(self, node: yaml.Node, inside: tuple[int, ...] = ()) -> Value:
        if getattr(node, "flow_style", False) and isinstance(node, yaml.CollectionNode):
            for item in (part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,))):
                if isinstance(item, yaml.ScalarNode) and not item.style and "?" in item.value:
                    self._add(item, "not YAML to Alertmanager: quote a text in brackets that holds ?", "yaml-syntax")
        return super().value(node, inside)

    def scalar(self, node: yaml.ScalarNode) -> Value:
        found = super().scalar(node)
        tagged = node.tag == _STRING and (node.value in PLAIN or INTEGER.match(node.value))
        return Plain(found) if isinstance(found, str) and not node.style and not tagged else found


def _merges(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and not key.style


def _is_null(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and not key.style and key.value in _NULLS
