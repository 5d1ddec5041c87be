"""The way from the top of a document to one of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import yaml

from llmmon.repair.pieces import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.problem import Keys
    from llmmon.source.document import Document


class Step(NamedTuple):
    """A node on the way, its parent, and its place there; `key` is None in a list."""

    parent: yaml.MappingNode | yaml.SequenceNode
    number: int
    key: yaml.ScalarNode | None
    node: yaml.Node


def way(document: Document, keys: Keys) -> list[Step]:
    """The steps to a node; fewer than there are keys where it does not exist."""
    node, out = document.root(), list[Step]()
    for key in keys:
        found = _step(node, key)
        if found is None:
            break
        out.append(found)
        node = found.node
    return out


def _step(node: yaml.Node | None, key: str | int) -> Step | None:
    if isinstance(node, yaml.MappingNode):
        for index, (name, value) in enumerate(node.value):
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return Step(node, index, name, value)
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and 0 <= key < len(node.value):
        return Step(node, key, None, node.value[key])
    return None


def aliased(steps: Sequence[Step]) -> bool:
    """Whether some node is written elsewhere, where it means something else as well."""
    return any(
        not (step.key or step.parent).start_mark.index
        <= step.node.start_mark.index
        <= step.node.end_mark.index
        <= step.parent.end_mark.index
        for step in steps
    )


def flows(steps: Sequence[Step]) -> bool:
    return any(step.parent.flow_style for step in steps)


def column(step: Step) -> int:
    """Of what a block below has to be indented further than."""
    return int((step.key or step.parent).start_mark.column)


def like_json(steps: Sequence[Step]) -> bool:
    return any(step.parent.flow_style and step.key is not None and step.key.style == '"' for step in steps)


def ends(text: str, node: yaml.Node) -> int:
    """Where the last thing in a node ends; the marks of a block's end are behind what follows it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return Place(text, node).end if isinstance(node, yaml.ScalarNode) else int(node.end_mark.index)
