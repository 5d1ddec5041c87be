"""Entries of maps and items of lists in their text: one goes with its lines, or some are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from llmmon import lazily
from llmmon.dump import flow_text, json_text
from llmmon.repair.changes import Change
from llmmon.repair.nodes import aliased, ends, flows, like_json, way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.problem import Keys
    from llmmon.repair.nodes import Step
    from llmmon.source.document import Document

Tree = dict[str | int, "Tree"] | str
_REST = lazily.pattern(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SPACE = lazily.pattern(r"[ \t\n]*")
_EMPTY = {yaml.MappingNode: "{}", yaml.SequenceNode: "[]"}


def removed(document: Document, steps: Sequence[Step]) -> Change | None:
    """Without an entry of a map or an item of a list, and its own lines."""
    text, step = document.text, steps[-1]
    if len(step.parent.value) == 1:
        return _emptied(text, steps)
    first = (step.key or step.node).start_mark.index
    if step.parent.flow_style:
        return _out_of_flow(text, step)
    line = text.rfind("\n", 0, first) + 1
    before = text[line:first]
    if step.key is None:
        dash = text.rfind("-", 0, first)
        if dash < 0 or text[dash + 1 : first].strip(" \n"):
            return None
        first, before = dash, text[text.rfind("\n", 0, dash) + 1 : dash]
    rest = _REST.match(text, max(ends(text, step.node), first))
    if rest is None:
        return None
    if not before.strip(" "):  # it has lines of its own
        start = first - len(before)
        return Change(start - (start > 0 and rest[0][-1:] != "\n"), rest.end(), "")
    if before.rstrip(" ")[-1:] != "-" or step.number:
        return None
    space = _SPACE.match(text, rest.end())
    return Change(first, space.end() if space else rest.end(), "")


def _emptied(text: str, steps: Sequence[Step]) -> Change | None:
    """A map or a list of which nothing is left."""
    step = steps[-1]
    start, end = step.parent.start_mark.index, ends(text, step.node)
    empty = _EMPTY[type(step.parent)]
    if step.parent.flow_style:
        return Change(start, int(step.parent.end_mark.index), empty)
    if text[start : start + 1] in "&!?" or (len(steps) < 2):
        return None
    rest = _REST.match(text, end)
    if rest is None:
        return None
    above = steps[-2]
    if above.key is None:
        return Change(start, end, empty)
    colon = text.find(":", above.key.end_mark.index)
    between = text[colon + 1 : start]
    comment = between.split("\n")[0].rstrip(" ")
    if comment.strip() and not comment.lstrip().startswith("#"):
        return None
    lines = between.split("\n")[1:-1]  # comments before the entry
    kept = "".join(f"\n{line}" for line in lines)
    stop = rest.end() - (rest[0][-1:] == "\n")
    return Change(colon + 1, stop, f" {empty}{comment}{kept}")


def _out_of_flow(text: str, step: Step) -> Change | None:
    def start(number: int) -> int:
        item = step.parent.value[number]
        return int((item[0] if isinstance(item, tuple) else item).start_mark.index)

    def end(number: int) -> int:
        item = step.parent.value[number]
        return ends(text, item[1] if isinstance(item, tuple) else item)

    last = len(step.parent.value) - 1
    begin, stop = (
        (start(step.number), start(step.number + 1)) if step.number < last else (end(step.number - 1), end(step.number))
    )
    between = text[end(step.number) : stop] if step.number < last else text[begin : start(step.number)]
    return Change(begin, stop, "") if between.strip() == "," else None


def added(document: Document, keys: Keys, tree: Tree) -> Change | None:
    """Behind the last entry of a map or the last item of a list."""
    if not isinstance(tree, dict):
        return None
    steps = way(document, keys)
    node = steps[-1].node if steps else document.root()
    if not isinstance(node, yaml.CollectionNode) or not node.value or aliased(steps):
        return None
    of_list = isinstance(node, yaml.SequenceNode)
    size = len(node.value)
    if list(tree) != [*range(size, size + len(tree))] if of_list else any(isinstance(key, int) for key in tree):
        return None
    text, end = document.text, ends(document.text, node.value[-1][1] if not of_list else node.value[-1])
    if node.flow_style or flows(steps):
        json = document.json or (node.value[0][0].style == '"' if not of_list else like_json(steps))
        return Change(end, end, "".join(f", {line}" for line in _flow_entries(tree, json)))
    rest = _REST.match(text, end)
    if rest is None:
        return None
    indent = " " * int((node.value[0] if of_list else node.value[0][0]).start_mark.column)
    if of_list:
        indent = " " * int(node.start_mark.column)
    lines = "".join(f"{indent}{line}\n" for line in _block_entries(tree))
    if not rest[0].endswith("\n"):
        return Change(rest.end(), rest.end(), "\n" + lines.removesuffix("\n"))
    return Change(rest.end(), rest.end(), lines)


def _block_entries(tree: Tree) -> Iterator[str]:
    assert isinstance(tree, dict)
    for key, value in tree.items():
        head = "-" if isinstance(key, int) else f"{_scalar(key)}:"
        if isinstance(value, str):
            yield f"{head} {_scalar(value)}"
        else:
            yield head
            yield from (f"  {line}" for line in _block_entries(value))


def _flow_entries(tree: Tree, json: bool) -> Iterator[str]:
    assert isinstance(tree, dict)
    for key, value in tree.items():
        head = "" if isinstance(key, int) else f"{_scalar(key, json)}: "
        if isinstance(value, str):
            yield head + _scalar(value, json)
        else:
            inside = ", ".join(_flow_entries(value, json))
            yield f"{head}[{inside}]" if 0 in value else f"{head}{{{inside}}}"


def _scalar(value: str, json: bool = False) -> str:
    return json_text(value).rstrip("\n") if json else flow_text(value)


def put(tree: Tree, keys: Keys, text: str) -> bool:
    """Note a text to be added, below keys that do not exist yet; False where there is one already."""
    for key in keys[:-1]:
        if isinstance(tree, str):
            return False
        tree = tree.setdefault(key, {})
    if isinstance(tree, str) or keys[-1] in tree:
        return False
    tree[keys[-1]] = text
    return True
