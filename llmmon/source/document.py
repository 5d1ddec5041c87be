"""A file as it was read, and places in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmmon.classes import field, identity

if TYPE_CHECKING:
    import yaml

    from llmmon.problem import Keys, Span


@identity
class Document:
    """One YAML or JSON file as it was read. The node tree is built only when somebody asks for a position."""

    path: str  # as messages name it: where it is, seen from here
    text: str
    name: str | None = None  # as artifacts name it, where that differs: the same from anywhere
    odd: str = ""  # what the bytes had and the text has not: carriage returns, a byte order mark
    json: bool = False
    _tree: list[yaml.Node | None] = field(default_factory=list, repr=False)
    _lines: list[str] = field(default_factory=list, repr=False)

    @property
    def owner(self) -> str:
        """What artifacts say that they were made from."""
        return self.name or self.path

    def root(self) -> yaml.Node | None:
        """The nodes that a text without faults holds."""
        if not self._tree:
            self._tree.append(_composed(self))
        return self._tree[0]

    def position(self, keys: Keys, span: Span | None = None) -> tuple[int, int]:
        """Line and column, from 1, of the node at `keys`, or of the nearest node above that exists."""
        from llmmon.source import positions  # few files have problems

        return positions.position(self, keys, span)

    @property
    def lines(self) -> list[str]:
        """The text's lines, split once."""
        if not self._lines:
            self._lines.extend(self.text.split("\n"))
        return self._lines

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        lines = self.lines
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


class Spot(NamedTuple):
    """A place known by line and column alone, because the node tree does not exist."""

    path: str
    text: str
    line: int
    column: int

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        return self.line, self.column


def _composed(document: Document) -> yaml.Node | None:
    from llmmon.source import composer

    if document.json:
        from llmmon.source import jsontext

        with composer.uncollected():
            return jsontext.compose(document.text)
    return composer.compose(document.text)
