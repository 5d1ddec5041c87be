"""Where a fix changes a file: each of its edits becomes a place in the text, and the text that stands there instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import yaml

from llmmon import scalars
from llmmon.documents.envelopes import Embedded
from llmmon.scalars import Change, Place
from llmmon.source import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.problem import Fix, Keys, Origin

Tree = dict[str | int, "Tree"] | str
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SPACE = re.compile(r"[ \t\n]*")
_EMPTY = {yaml.MappingNode: "{}", yaml.SequenceNode: "[]"}


class _Step(NamedTuple):
    """A node on the way, its parent, and its place there; `key` is None in a list."""

    parent: yaml.MappingNode | yaml.SequenceNode
    number: int
    key: yaml.ScalarNode | None
    node: yaml.Node


def changes(fix: Fix) -> list[tuple[Document, Change]] | None:
    """What a fix does to the text of each document; None where some part of it cannot be done."""
    out: list[tuple[Document, Change]] = []
    added: dict[tuple[int, Keys], tuple[Origin, Tree]] = {}
    for origin, text in fix.edits:
        missing = _missing(origin) if text is not None and origin.span is None else 0
        if missing:
            keys = origin.keys[: len(origin.keys) - missing]
            _, tree = added.setdefault((id(origin.document), keys), (origin, {}))
            if not _put(tree, origin.keys[-missing:], str(text)):
                return None
            continue
        change = _change(origin, text)
        if change is None:
            return None
        out.append(change)
    for (_, keys), (origin, tree) in added.items():
        change = _inside(origin, _added(origin, keys, tree))
        if change is None:
            return None
        out.append(change)
    return out


def place(origin: Origin) -> Place | None:
    """The scalar that an origin leads to, in the text that it stands in; None where there is none of its own."""
    document = _document(origin)
    steps = _way(document, origin.keys) if document else []
    if document is None or not steps or len(steps) < len(origin.keys) or _aliased(steps):
        return None
    return _place(document, steps)


def _put(tree: Tree, keys: Keys, text: str) -> bool:
    for key in keys[:-1]:
        if isinstance(tree, str):
            return False
        tree = tree.setdefault(key, {})
    if isinstance(tree, str) or keys[-1] in tree:
        return False
    tree[keys[-1]] = text
    return True


def _missing(origin: Origin) -> int:
    """How many keys at the end lead to nothing."""
    document = _document(origin)
    return 0 if document is None else len(origin.keys) - len(_way(document, origin.keys))


def _document(origin: Origin) -> Document | None:
    document = origin.document
    if isinstance(document, Embedded):
        return document.inner
    return document if isinstance(document, Document) else None


def _change(origin: Origin, text: str | None) -> tuple[Document, Change] | None:
    document = _document(origin)
    if document is None:
        return None
    steps = _way(document, origin.keys)
    if len(steps) < len(origin.keys) or not steps or _aliased(steps):
        return None
    if text is None:
        return _inside(origin, _removed(document, steps))
    scalar = _place(document, steps)
    if scalar is None:
        return None
    span = origin.span or (0, len(str(scalar.node.value)))
    return _inside(origin, scalars.replaced(scalar, span, text))


def _inside(origin: Origin, change: Change | None) -> tuple[Document, Change] | None:
    """The change in the file itself, where the document is a text inside another one."""
    document = origin.document
    while change is not None and isinstance(document, Embedded):
        scalar = place(document.outer)
        if scalar is None:
            return None
        change = scalars.replaced(scalar, (change.start, change.end), change.text)
        document = document.outer.document
    return (document, change) if change is not None and isinstance(document, Document) else None


def _way(document: Document, keys: Keys) -> list[_Step]:
    """The steps to a node; fewer than there are keys where it does not exist."""
    node, out = document.root(), list[_Step]()
    for key in keys:
        found = _step(node, key)
        if found is None:
            break
        out.append(found)
        node = found.node
    return out


def _step(node: yaml.Node | None, key: str | int) -> _Step | None:
    if isinstance(node, yaml.MappingNode):
        for index, (name, value) in enumerate(node.value):
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return _Step(node, index, name, value)
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and 0 <= key < len(node.value):
        return _Step(node, key, None, node.value[key])
    return None


def _aliased(steps: Sequence[_Step]) -> bool:
    """Whether some node is written elsewhere, where it means something else as well."""
    return any(
        not (step.key or step.parent).start_mark.index
        <= step.node.start_mark.index
        <= step.node.end_mark.index
        <= step.parent.end_mark.index
        for step in steps
    )


def _flows(steps: Sequence[_Step]) -> bool:
    return any(step.parent.flow_style for step in steps)


def _column(step: _Step) -> int:
    """Of what a block below has to be indented further than."""
    return int((step.key or step.parent).start_mark.column)


def _place(document: Document, steps: Sequence[_Step]) -> Place | None:
    last = steps[-1]
    if not isinstance(last.node, yaml.ScalarNode):
        return None
    return Place(document.text, last.node, _column(last), _flows(steps), document.json or _like_json(steps))


def _like_json(steps: Sequence[_Step]) -> bool:
    return any(step.parent.flow_style and step.key is not None and step.key.style == '"' for step in steps)


def _ends(text: str, node: yaml.Node) -> int:
    """Where the last thing in a node ends; the marks of a block's end are behind what follows it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return Place(text, node).end if isinstance(node, yaml.ScalarNode) else int(node.end_mark.index)


def _removed(document: Document, steps: Sequence[_Step]) -> Change | None:
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
    rest = _REST.match(text, max(_ends(text, step.node), first))
    if rest is None:
        return None
    if not before.strip(" "):  # it has lines of its own
        start = first - len(before)
        return Change(start - (start > 0 and rest[0][-1:] != "\n"), rest.end(), "")
    if before.rstrip(" ")[-1:] != "-" or step.number:
        return None
    space = _SPACE.match(text, rest.end())
    return Change(first, space.end() if space else rest.end(), "")


def _emptied(text: str, steps: Sequence[_Step]) -> Change | None:
    """A map or a list of which nothing is left."""
    step = steps[-1]
    start, end = step.parent.start_mark.index, _ends(text, step.node)
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


def _out_of_flow(text: str, step: _Step) -> Change | None:
    def start(number: int) -> int:
        item = step.parent.value[number]
        return int((item[0] if isinstance(item, tuple) else item).start_mark.index)

    def end(number: int) -> int:
        item = step.parent.value[number]
        return _ends(text, item[1] if isinstance(item, tuple) else item)

    last = len(step.parent.value) - 1
    begin, stop = (
        (start(step.number), start(step.number + 1)) if step.number < last else (end(step.number - 1), end(step.number))
    )
    between = text[end(step.number) : stop] if step.number < last else text[begin : start(step.number)]
    return Change(begin, stop, "") if between.strip() == "," else None


def _added(origin: Origin, keys: Keys, tree: Tree) -> Change | None:
    """Behind the last entry of a map or the last item of a list."""
    document = _document(origin)
    if document is None or not isinstance(tree, dict):
        return None
    steps = _way(document, keys)
    node = steps[-1].node if steps else document.root()
    if not isinstance(node, yaml.CollectionNode) or not node.value or _aliased(steps):
        return None
    of_list = isinstance(node, yaml.SequenceNode)
    size = len(node.value)
    if list(tree) != [*range(size, size + len(tree))] if of_list else any(isinstance(key, int) for key in tree):
        return None
    text, end = document.text, _ends(document.text, node.value[-1][1] if not of_list else node.value[-1])
    if node.flow_style or _flows(steps):
        json = document.json or (node.value[0][0].style == '"' if not of_list else _like_json(steps))
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
    from llmmon.dump import flow_text, json_text

    return json_text(value).rstrip("\n") if json else flow_text(value)


def conflicts(one: Change, other: Change) -> bool:
    """Whether two changes are at the same place, or one is inside the other."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
