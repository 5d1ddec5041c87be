"""Whether a file says what was meant by the edits in it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import yaml

from llmmon.documents.envelopes import Embedded
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.problem import Keys, Origin, Span
    from llmmon.source.values import Value


class Meant(NamedTuple):
    """One edit: the ways from the file to the value, one for each text in a text, and whether that is JSON."""

    ways: tuple[tuple[Keys, bool], ...]
    span: Span | None
    text: str | None


def ways(origin: Origin) -> tuple[tuple[tuple[Keys, bool], ...], Document | None]:
    """The ways of an edit, and the document of the file that they begin in."""
    keys, document = origin.keys, origin.document
    found: list[tuple[Keys, bool]] = []
    while isinstance(document, Embedded):
        found.insert(0, (keys, document.inner.json))
        keys, document = document.outer.keys, document.outer.document
    if not isinstance(document, Document):
        return (), None
    return ((keys, document.json), *found), document


def says(old: Document, new: str, meant: Sequence[Meant]) -> bool:
    """Whether a text says what the document did but for what was meant."""
    before, wrong = _texts(old)
    after, still = _texts(Document(old.path, new, json=old.json))
    if still > wrong:
        return False
    inner: dict[tuple[Keys, bool], list[Meant]] = {}
    for one in meant:
        if len(one.ways) > 1:
            inner.setdefault((one.ways[0][0], one.ways[1][1]), []).append(one._replace(ways=one.ways[1:]))
    for (keys, json), inside in inner.items():
        was, now = _at(before, keys), _at(after, keys)
        if not isinstance(was, str) or not isinstance(now, str):
            return False
        if not says(Document(old.path, was, json=json), now, inside) or not _put(before, keys, now):
            return False
    own = sorted({one for one in meant if len(one.ways) == 1}, key=_last_first)
    return all(_done(before, one) for one in own) and before == after


def _texts(document: Document) -> tuple[Value, int]:
    """What a document holds, each scalar as its text; and how much is wrong with it."""
    found, wrong = values.value(document, as_go=True)
    return (_of_node(document.root()) if document.json and not wrong else found), len(wrong)


def _of_node(node: yaml.Node | None) -> Value:
    match node:
        case yaml.MappingNode():
            return {key.value: _of_node(value) for key, value in node.value}
        case yaml.SequenceNode():
            return [_of_node(item) for item in node.value]
        case yaml.ScalarNode():
            return None if node.style is None and node.value == "null" else str(node.value)
    return None


def _last_first(one: Meant) -> tuple[bool, list[tuple[bool, int, str]], int]:
    """Removals behind all else, and what comes later in a list or in a text before what comes earlier."""
    keys = [(isinstance(key, str), -key if isinstance(key, int) else 0, str(key)) for key in one.ways[0][0]]
    if one.text is not None and one.span is None:
        keys = [(text, abs(number), name) for text, number, name in keys]
    return one.text is None, keys, -one.span[0] if one.span else 0


def _at(value: Value, keys: Keys) -> Value:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _put(value: Value, keys: Keys, new: Value) -> bool:
    """Another value at these keys; what leads there is made where it is missing."""
    for index, key in enumerate(keys[:-1]):
        fresh: Value = [] if isinstance(keys[index + 1], int) else {}
        if isinstance(value, dict):
            value = value.setdefault(str(key), fresh)
        elif isinstance(value, list) and isinstance(key, int):
            if key == len(value):
                value.append(fresh)
            value = value[key] if key < len(value) else None
    last = keys[-1]
    if isinstance(value, dict):
        value[str(last)] = new
    elif isinstance(value, list) and isinstance(last, int) and last <= len(value):
        value[last : last + 1] = [new]
    else:
        return False
    return True


def _done(value: Value, one: Meant) -> bool:
    keys = one.ways[0][0]
    if not keys:
        return False
    if one.text is not None:
        was = _at(value, keys)
        if one.span is None:
            return _put(value, keys, one.text)
        return isinstance(was, str) and _put(value, keys, was[: one.span[0]] + one.text + was[one.span[1] :])
    parent, last = _at(value, keys[:-1]), keys[-1]
    if isinstance(parent, dict) and last in parent:
        del parent[str(last)]
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        del parent[last]
    else:
        return False
    return True
