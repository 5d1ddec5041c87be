"""Where a fix changes a file: each of its edits becomes a place in the text, and the text that stands there instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from llmmon.documents.envelopes import Embedded
from llmmon.repair import entries, scalars
from llmmon.repair.nodes import aliased, column, flows, like_json, way
from llmmon.repair.pieces import Place
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.problem import Fix, Keys, Origin
    from llmmon.repair.changes import Change
    from llmmon.repair.entries import Tree
    from llmmon.repair.nodes import Step


def changes(fix: Fix) -> list[tuple[Document, Change]] | None:
    """What a fix does to the text of each document; None where some part of it cannot be done."""
    out: list[tuple[Document, Change]] = []
    added: dict[tuple[int, Keys], tuple[Origin, Tree]] = {}
    for origin, text in fix.edits:
        missing = _missing(origin) if text is not None and origin.span is None else 0
        if missing:
            keys = origin.keys[: len(origin.keys) - missing]
            _, tree = added.setdefault((id(origin.document), keys), (origin, {}))
            if not entries.put(tree, origin.keys[-missing:], str(text)):
                return None
            continue
        change = _change(origin, text)
        if change is None:
            return None
        out.append(change)
    for (_, keys), (origin, tree) in added.items():
        document = _document(origin)
        change = _inside(origin, entries.added(document, keys, tree)) if document else None
        if change is None:
            return None
        out.append(change)
    return out


def place(origin: Origin) -> Place | None:
    """The scalar that an origin leads to, in the text that it stands in; None where there is none of its own."""
    document = _document(origin)
    steps = way(document, origin.keys) if document else []
    if document is None or not steps or len(steps) < len(origin.keys) or aliased(steps):
        return None
    return _place(document, steps)


def _missing(origin: Origin) -> int:
    """How many keys at the end lead to nothing."""
    document = _document(origin)
    return 0 if document is None else len(origin.keys) - len(way(document, origin.keys))


def _document(origin: Origin) -> Document | None:
    document = origin.document
    if isinstance(document, Embedded):
        return document.inner
    return document if isinstance(document, Document) else None


def _change(origin: Origin, text: str | None) -> tuple[Document, Change] | None:
    document = _document(origin)
    if document is None:
        return None
    steps = way(document, origin.keys)
    if len(steps) < len(origin.keys) or not steps or aliased(steps):
        return None
    if text is None:
        return _inside(origin, entries.removed(document, steps))
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


def _place(document: Document, steps: Sequence[Step]) -> Place | None:
    last = steps[-1]
    if not isinstance(last.node, yaml.ScalarNode):
        return None
    return Place(document.text, last.node, column(last), flows(steps), document.json or like_json(steps))


def conflicts(one: Change, other: Change) -> bool:
    """Whether two changes are at the same place, or one is inside the other."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
