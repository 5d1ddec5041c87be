"""Reads the YAML documents of a file, each value with its place, and collects what is wrong or gets lost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.classes import field, frozen
from llmmon.problem import Level, Origin, Problem
from llmmon.source import values
from llmmon.source.composer import LOADER
from llmmon.source.document import Document
from llmmon.spec.model import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.source.values import Value

_KINDS = {dict: "a map", list: "a list", str: "text", bool: "true or false"}


@frozen
class Node:
    """A value of a foreign file, where it was written, and where to say what is wrong with it."""

    value: Value
    origin: Origin
    problems: list[Problem] = field(compare=False, repr=False)

    def at(self, *keys: str | int) -> Node:
        """What is further inside; null where there is nothing."""
        value = self.value
        for key in keys:
            if isinstance(value, dict):
                value = value.get(str(key))
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                value = None
        return Node(value, self.origin.at(*keys), self.problems)

    def first(self, *keys: str) -> Node:
        """The first of these keys that is there, else the first of them."""
        return next((self.at(key) for key in keys if self.at(key)), self.at(keys[0]))

    def __bool__(self) -> bool:
        return self.value is not None

    def items(self) -> Iterator[Node]:
        """Of a list; a problem where it is none."""
        found = self._of(list)
        yield from (self.at(index) for index in range(len(found or ())))

    def keys(self) -> list[str]:
        """Of a map; a problem where it is none."""
        return list(self._of(dict) or ())

    def text(self) -> str:
        """A text on one or more lines; empty where there is none."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        return (self._of(str) or "").strip()

    def flag(self) -> bool | None:
        """True or false; none where neither is said."""
        found: bool | None = self._of(bool)
        return found

    def number(self) -> Decimal | None:
        """As it is written: 99.9 is 99.9 and no binary fraction near it."""
        if self.value is None:
            return None
        try:
            found = Decimal(str(self.value).strip().removesuffix("%")) if not isinstance(self.value, bool) else None
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite():
            self.error(f"{shown(self.value)} is no number")
            return None
        return found

    def error(self, message: str) -> None:
        """What keeps an objective from being read."""
        self._say(message, Level.ERROR)

    def lost(self, message: str) -> None:
        """What a spec cannot say; the rest is kept."""
        self._say(message, Level.WARNING)

    def note(self, message: str) -> None:
        """What is said in another way."""
        self._say(message, Level.NOTE)

    def _of(self, kind: type[Any]) -> Any:
        if self.value is None or isinstance(self.value, kind):
            return self.value
        self.error(f"{shown(self.value)} is not {_KINDS[kind]}")
        return None

    def _say(self, message: str, level: Level) -> None:
        self.problems.append(Problem(self.origin, message, "import", level))


def read(document: Document, problems: list[Problem]) -> list[Node]:
    """The documents of a file that are maps; empty ones are left out."""
    nodes = []
    for part in _parts(document):
        value, wrong = values.value(part)
        problems += wrong
        if value is None:
            continue
        node = Node(value, Origin(part), problems)
        if isinstance(value, dict):
            nodes += _listed(node)
        else:
            node.error("this is no object: an object of this kind is a map")
    return nodes


def _listed(node: Node) -> list[Node]:
    """A Kubernetes List is its items."""
    items = node.at("items")
    return list(items.items()) if node.at("kind").text().endswith("List") and items else [node]


def _parts(document: Document) -> Iterator[Document]:
    """Each document in a text of its own, with empty lines instead of what stands before it, so that lines agree."""
    starts = _starts(document.text)
    lines = document.text.splitlines(keepends=True)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield Document(document.path, "\n" * start + "".join(lines[start:end]), document.name)


def _starts(text: str) -> list[int]:
    """The lines on which documents begin; all of it is one where it does not parse, which is then said."""
    try:
        events = yaml.parse(text, Loader=LOADER)
        marks = [event.start_mark for event in events if isinstance(event, yaml.DocumentStartEvent)]
    except (yaml.YAMLError, ValueError):
        return [0]
    return [0, *(mark.line for mark in marks[1:] if mark)]
