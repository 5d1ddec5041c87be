"""YAML text becomes plain values, and a way of keys becomes a line and a column."""

from __future__ import annotations

import gc
import math
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.problem import Keys, Origin, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

MAX_DEPTH = 1_000  # libyaml's composer recurses in C and ends the process at about 30,000
MAX_NODES = 200_000  # aliases expanded; a spec has some thousands

_Mark = Any  # libyaml's marks and PyYAML's own have the same fields and no common type
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One YAML file as it was read. The node tree is built again only when somebody asks for a position."""

    path: str
    text: str
    _tree: list[yaml.Node | None] = field(default_factory=list, repr=False)

    def position(self, keys: Keys, span: Span | None = None) -> tuple[int, int]:
        """Line and column, from 1, of the node at `keys`, or of the nearest node above that exists."""
        if not self._tree:
            self._tree.append(_compose(self.text))
        node = self._tree[0]
        if node is None:
            return 1, 1
        mark = node.start_mark
        for depth, key in enumerate(keys):
            found = _step(node, key)
            if found is None:
                return mark.line + 1, mark.column + 1
            at_key, node = found
            leaf = depth == len(keys) - 1
            mark = node.start_mark if leaf and span else at_key.start_mark if leaf else node.start_mark
        if span and isinstance(node, yaml.ScalarNode):
            return _inside(node, self.text, span[0])
        return mark.line + 1, mark.column + 1

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def read(path: Path, shown: str) -> tuple[Document, list[Problem]]:
    """The document at `path`, called `shown` in messages. One that cannot be read has problems and no text."""
    try:
        return Document(shown, path.read_text(encoding="utf-8-sig")), []
    except UnicodeDecodeError as error:
        document = Document(shown, "")
        return document, [_problem(document, f"not UTF-8 at byte {error.start}: save the file as UTF-8", "not-utf8")]
    except OSError as error:
        document = Document(shown, "")
        return document, [_problem(document, f"cannot be read: {error.strerror}", "unreadable")]


def parse(document: Document) -> tuple[dict[str, Value] | None, list[Problem]]:
    """The mapping that a document holds, scalars as in YAML 1.2; None and its problems where there is none."""
    if not document.text.strip():
        return None, [_problem(document, "the file is empty: write `service: NAME` and what watches it", "empty-file")]
    try:
        with _no_gc():
            _refuse_depth(document.text)
            root = _compose(document.text)
    except _TooDeep as error:
        return None, [_at(document, error.mark, f"nested deeper than {MAX_DEPTH} levels", "too-deep")]
    except yaml.MarkedYAMLError as error:
        what = ": ".join(part for part in (error.context, error.problem) if part)
        return None, [_at(document, error.problem_mark or error.context_mark, f"not YAML: {what}", "yaml-syntax")]
    except yaml.YAMLError as error:
        return None, [_problem(document, f"not YAML: {' '.join(str(error).split())}", "yaml-syntax")]
    if root is None:
        return None, [_problem(document, "the file holds only comments: write `service: NAME`", "empty-file")]
    if not isinstance(root, yaml.MappingNode):
        kind = "list" if isinstance(root, yaml.SequenceNode) else "scalar"
        return None, [_at(document, root.start_mark, f"the file is a {kind}, a spec is a map of keys", "not-a-map")]
    reader = _Reader(document)
    value = reader.value(root, (), ())
    assert isinstance(value, dict)
    return (None if reader.fatal else value), reader.problems


def scalar(text: str) -> Value:
    """A plain scalar as YAML 1.2's core schema reads it."""
    if text in _PLAIN:
        return _PLAIN[text]
    if _INT.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    if special := _SPECIAL.match(text):
        return float(f"{special[1] or ''}inf") if special[1] is not None else math.nan
    return text


class _TooDeep(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, mark: _Mark | None) -> None:
        self.mark = mark


@contextmanager
def _no_gc() -> Iterator[None]:
    """A cyclic collection while thousands of nodes are made costs three times the parse."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _compose(text: str) -> yaml.Node | None:
    return yaml.compose(text, Loader=_Loader)


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") + text.count("- ") + text.count("? ") < MAX_DEPTH:
        indent = max((len(line) - len(line.lstrip(" ")) for line in text.split("\n")), default=0)
        if indent < MAX_DEPTH:
            return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _TooDeep(event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Reader:
    """Nodes to values; every duplicate key, odd key and alias bomb of a file in one pass."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.nodes = 0
        self.fatal = False

    def value(self, node: yaml.Node, keys: Keys, inside: tuple[int, ...]) -> Value:
        self.nodes += 1
        if self.nodes > MAX_NODES or id(node) in inside:
            self._bomb(node)
            return None
        if isinstance(node, yaml.ScalarNode):
            return str(node.value) if node.style else scalar(node.value)
        here = (*inside, id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*keys, index), here) for index, item in enumerate(node.value)]
        return self._mapping(node, keys, here)

    def _mapping(self, node: yaml.Node, keys: Keys, inside: tuple[int, ...]) -> dict[str, Value]:
        out: dict[str, Value] = {}
        first: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node, "a key must be a plain word, not a map or a list", "odd-key")
                continue
            key = str(key_node.value)
            if key in first:
                line = first[key].start_mark.line + 1
                self._add(key_node, f"duplicate key {key!r}: it is already on line {line}; keep one", "duplicate-key")
                continue
            first[key] = key_node
            out[key] = self.value(value_node, (*keys, key), inside)
            if self.fatal:
                break
        return out

    def _add(self, node: yaml.Node, message: str, rule: str) -> None:
        self.problems.append(_at(self.document, node.start_mark, message, rule))

    def _bomb(self, node: yaml.Node) -> None:
        if not self.fatal:
            self._add(node, f"aliases expand to more than {MAX_NODES} nodes, or to themselves", "alias-bomb")
        self.fatal = True


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place known by line and column alone, because the node tree does not exist."""

    path: str
    text: str
    line_number: int
    column: int

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        return self.line_number, self.column


def _at(document: Document, mark: _Mark | None, message: str, rule: str) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(Origin(_Spot(document.path, document.text, line, column)), message, rule)


def _problem(document: Document, message: str, rule: str) -> Problem:
    return Problem(Origin(_Spot(document.path, document.text, 1, 1)), message, rule)


def _step(node: yaml.Node, key: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == key), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key]
    return None


def _inside(node: yaml.ScalarNode, text: str, offset: int) -> tuple[int, int]:
    """Line and column of a code point inside a scalar, for plain, quoted and literal block styles."""
    mark = node.start_mark
    if node.style in ("|", ">"):
        lines = str(node.value)[:offset].split("\n")
        block = text.split("\n")[mark.line + 1 :]
        body = next((i for i, line in enumerate(block) if line.strip()), 0)
        row = body + len(lines) - 1
        indent = len(block[body]) - len(block[body].lstrip(" ")) if block else 0
        return mark.line + 2 + row, indent + len(lines[-1]) + 1
    source = text.split("\n")[mark.line][mark.column :]
    quote = 1 if node.style else 0
    wanted, column = offset, quote
    while wanted > 0 and column < len(source):
        column += 2 if (quote and source[column : column + 2] in ("''", '\\"', "\\\\")) else 1
        wanted -= 1
    return mark.line + 1, mark.column + column + 1
