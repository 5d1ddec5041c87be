"""Nodes by libyaml, with the tags that PyYAML's loader gives them in a quarter less time."""

from __future__ import annotations

import operator
from typing import Any

import yaml

_IMPLICIT: dict[str, list[tuple[str, Any]]] = yaml.SafeLoader.yaml_implicit_resolvers
_TEXT, _MAP, _LIST = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))


def compose(text: str) -> yaml.Node | None:
    """The nodes of a text with one document; raises what libyaml does."""
    node: yaml.Node | None = _Composer(text).get_single_node()
    return node


class _Composer(yaml._yaml.CParser):
    """Asks for no tag by the way to a node, since nobody gives one so."""

    descend_resolver = operator.is_  # both are called for each node, and do nothing
    ascend_resolver = bool

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: tuple[bool, bool]) -> str:
        if kind is not yaml.ScalarNode:
            return _MAP if kind is yaml.MappingNode else _LIST
        if implicit[0]:
            for tag, pattern in _IMPLICIT.get(value[:1], ()):
                if pattern.match(value):
                    return tag
        return _TEXT
