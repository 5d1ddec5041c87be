"""YAML text becomes plain values, and a way of keys becomes a line and a column."""

from __future__ import annotations

import gc
import math
import os
import re
import select
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml
from yaml.reader import ReaderError

from llmmon.classes import field, frozen, identity
from llmmon.lazily import pattern
from llmmon.problem import Keys, Origin, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

MAX_DEPTH = 150
_SAFE_DEPTH = 10_000  # libyaml's composer recurses in C and, before 0.2.6, ends the process at about 30,000
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"  # from 0.2.6 on it stops at 1,000 by itself
MAX_NODES = 200_000  # aliases expanded, in a file that is shorter

_PATIENCE = 10.0  # seconds until whoever writes into a pipe has to begin, or to go on
_FIRST = "write `service: NAME` first, or `fleet: NAME` in fleet.yaml"
_Mark = Any  # libyaml's marks and PyYAML's own have the same fields and no common type
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STOPS_BY_ITSELF = yaml.__with_libyaml__ and yaml._yaml.get_version() >= (0, 2, 6)
_PLAIN = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = pattern(r"[-+]?[0-9]{1,1000}\Z|0o[0-7]{1,1000}\Z|0x[0-9a-fA-F]{1,1000}\Z")  # Python reads 4,300 digits at most
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")
)
_ODD = {b"\xef\xbb\xbf": "a byte order mark", b"\r": "carriage returns"}
_STRING = "tag:yaml.org,2002:str"
_TYPED = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "int"))
_ADVICE = {  # what libyaml says, and what helps
    "found a tab character that violates indentation": "indent with spaces",
    "found character that cannot start any token": "indent with spaces, not tabs, and quote what begins with @ ` %",
    "mapping values are not allowed in this context": "quote a text that holds `: `, or write one key per line",
    "did not find expected ',' or ']'": "close the bracket",
    "did not find expected ',' or '}'": "close the brace",
    "found unexpected end of stream": "close the quote",
    "could not find expected ':'": "write `key: value`",
    "found undefined alias": "define it before with &",
    "found another document": "write one file per service, or `system:` with several services",
}
_SPECIAL = pattern(r"(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")


_CONTROL = pattern(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPE = {  # one code point of a quoted scalar
    "'": pattern(r"''|.", re.DOTALL),
    '"': pattern(r"\\x..|\\u.{4}|\\U.{8}|\\.|.", re.DOTALL),
}


class Plain(str):
    """A text without quotes, which may be a number or a boolean to whoever reads it otherwise than Go does."""

    __slots__ = ()


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
            self._tree.append(_compose_json(self.text) if self.json else _compose(self.text))
        return self._tree[0]

    def position(self, keys: Keys, span: Span | None = None) -> tuple[int, int]:
        """Line and column, from 1, of the node at `keys`, or of the nearest node above that exists."""
        node = self.root()
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
            return self._in_json(node, span[0]) if self.json else _inside(node, self.lines, span[0])
        return mark.line + 1, mark.column + 1

    def _in_json(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        from llmmon import jsontext

        first, last = node.start_mark.index, node.end_mark.index
        if node.style:
            offset = jsontext.written(self.text[first + 1 : last - 1], offset) + 1
        return node.start_mark.line + 1, node.start_mark.column + min(offset, last - first - 1) + 1

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


def read(path: Path, shown: str) -> tuple[Document, list[Problem]]:
    """The document at `path`, called `shown` in messages. One that cannot be read has problems and no text."""
    try:
        return decoded(_from_pipe(path) if path.is_fifo() else path.read_bytes(), shown)
    except IsADirectoryError:
        document = Document(shown, "")
        return document, [_problem(document, "is a folder, not a file: rename it or move it away", "unreadable")]
    except OSError as error:
        document = Document(shown, "")
        return document, [_problem(document, f"cannot be read: {error.strerror}", "unreadable")]


def _from_pipe(path: Path) -> bytes:
    """What somebody writes into a pipe, such as `<(command)` of a shell; one that nobody writes into ends."""
    out = bytearray()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], _PATIENCE)[0] and (data := pipe.read(1 << 20)):
            out += data
    return bytes(out)


def decoded(data: bytes, shown: str) -> tuple[Document, list[Problem]]:
    """The document in these bytes; line ends are those of Unix, as reading a text file makes them."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace").split("\n")
        spot = Spot(shown, "", len(before), len(before[-1]) + 1)
        message = f"not UTF-8 (byte {error.object[error.start]:#04x}): save the file as UTF-8"
        return Document(shown, ""), [Problem(Origin(spot), message, "not-utf8")]
    odd = [what for mark, what in _ODD.items() if mark in data]
    return Document(shown, text.replace("\r\n", "\n").replace("\r", "\n"), odd=" and ".join(odd)), []


def parse(document: Document) -> tuple[dict[str, Value] | None, list[Problem]]:
    """The mapping that a spec holds, scalars as in YAML 1.2; None and its problems where there is none."""
    if not document.text.strip():
        return None, [_problem(document, f"the file is empty: {_FIRST}", "empty-file")]
    found, problems = value(document)
    if isinstance(found, dict) or problems:
        return (found if isinstance(found, dict) else None), problems
    if found is None:
        return None, [_problem(document, f"the file holds only comments: {_FIRST}", "empty-file")]
    kind = "list" if isinstance(found, list) else "scalar"
    message = f"the file is a {kind}, a spec is a map of keys: {_FIRST}"
    return None, [Problem(Origin(document), message, "not-a-map")]


def value(document: Document, as_go: bool = False, plain: bool = False) -> tuple[Value, list[Problem]]:
    """Whatever a document holds, scalars as in YAML 1.2; None where it holds nothing, or cannot be read.

    `as_go` reads as Go's library does into fields of text: every scalar but null is its text, and `<<` merges; with
    `plain`, texts without quotes are `Plain`.
    """
    if document.json:
        return _json_value(document)
    try:
        with _no_gc():
            if not _STOPS_BY_ITSELF and _may_be_too_deep(document.text):
                _refuse_depth(document.text)
            root = _compose(document.text)
    except _TooDeep as error:
        return None, [_too_deep(document, error.mark)]
    except yaml.MarkedYAMLError as error:
        if error.problem == _LIBYAML_TOO_DEEP:
            return None, [_too_deep(document, _first_too_deep(document.text))]
        return None, [_at(document, error.problem_mark or error.context_mark, _syntax(error), "yaml-syntax")]
    except ReaderError as error:
        return None, [_unreadable(document, error.position)]
    if root is None:
        return None, []
    reader = _PlainReader(document) if plain else _GoReader(document) if as_go else _Reader(document)
    found = reader.value(root, (), ())
    return (None if reader.fatal else found), reader.problems


def _compose_json(text: str) -> yaml.Node | None:
    from llmmon import jsontext

    with _no_gc():
        return jsontext.compose(text)


def _json_value(document: Document) -> tuple[Value, list[Problem]]:
    from llmmon import jsontext

    with _no_gc():
        found = jsontext.read(document.text, MAX_DEPTH)
    return found.value, [_at_index(document, *fault) for fault in found.faults]


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
    def __init__(self, mark: _Mark) -> None:
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


def _may_be_too_deep(text: str) -> bool:
    """Whether the composer could end the process; what is only odd is refused by the reader."""
    if text.count("[") + text.count("{") + text.count("- ") + text.count("? ") >= _SAFE_DEPTH:
        return True
    return any(len(line) - len(line.lstrip(" ")) >= _SAFE_DEPTH for line in text.split("\n"))


def _refuse_depth(text: str) -> None:
    if mark := _first_too_deep(text):
        raise _TooDeep(mark)


def _first_too_deep(text: str) -> _Mark | None:
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    return event.start_mark
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:  # it reads ahead in a line
        return error.problem_mark
    return None


class _Reader:
    """Nodes to values; every duplicate key, odd key and alias bomb of a file in one pass."""

    own = True  # our own files, in which a tag of somebody's means nothing

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.nodes = 0
        self.most = max(MAX_NODES, len(document.text))  # what is written out takes a character for each
        self.fatal = False

    def value(self, node: yaml.Node, keys: Keys, inside: tuple[int, ...]) -> Value:
        self.nodes += 1
        if len(inside) > MAX_DEPTH:
            self.problems += [] if self.fatal else [_too_deep(self.document, node.start_mark)]
            self.fatal = True
            return None
        if self.nodes > self.most or id(node) in inside:
            self._bomb(node, itself=id(node) in inside)
            return None
        if node.tag not in _TAGS and self.own:
            self._add(node, f"the tag {node.tag!r} means nothing here: leave it out", "yaml-tag")
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        here = (*inside, id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*keys, index), here) for index, item in enumerate(node.value)]
        return self._mapping(node, keys, here)

    def scalar(self, node: yaml.ScalarNode) -> Value:
        return str(node.value) if node.style else scalar(node.value)

    def _mapping(self, node: yaml.Node, keys: Keys, inside: tuple[int, ...]) -> dict[str, Value]:
        out: dict[str, Value] = {}
        first: dict[str, yaml.Node] = {}
        for key_node, value_node in self.pairs(node):
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node, "a key must be a plain word, not a map or a list", "odd-key")
                continue
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                self._add(key_node, "`<<` merges only in YAML 1.1: write the keys out", "merge-key")
                continue
            if key in first:
                line = first[key].start_mark.line + 1
                self._add(key_node, f"duplicate key {key!r}: it is already on line {line}; keep one", "duplicate-key")
                continue
            first[key] = key_node
            out[key] = self.value(value_node, (*keys, key), inside)
            if self.fatal:
                break
        return out

    def pairs(self, node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
        return list(node.value)

    def _add(self, node: yaml.Node, message: str, rule: str) -> None:
        self.problems.append(_at(self.document, node.start_mark, message, rule))

    def _bomb(self, node: yaml.Node, itself: bool) -> None:
        if not self.fatal:
            why = (
                "this anchor holds an alias of itself" if itself else f"aliases expand to more than {MAX_NODES:,} nodes"
            )
            self._add(node, f"{why}: write the values out", "alias-bomb")
        self.fatal = True


class _GoReader(_Reader):
    """As Go's library reads into fields of text: `010` and `yes` are what they look like."""

    own = False

    def scalar(self, node: yaml.ScalarNode) -> Value:
        if node.style or node.tag == _STRING:
            return str(node.value)
        if node.value in _PLAIN and _PLAIN[node.value] is None:
            return None
        return Plain(node.value) if node.tag in _TYPED and ":" not in node.value else str(node.value)

    def pairs(self, node: yaml.Node, inside: tuple[int, ...] = ()) -> list[tuple[yaml.Node, yaml.Node]]:
        """A merge brings what is not written beside it, and the first of several wins; a null is no key."""
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


def _is_null(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and not key.style and key.value in ("", "~", "null")


class _PlainReader(_GoReader):
    """As Go's older library reads into fields of several kinds; in brackets it takes `?` for the mark of a key."""

    def value(self, node: yaml.Node, keys: Keys, inside: tuple[int, ...]) -> Value:
        if getattr(node, "flow_style", False) and isinstance(node, yaml.CollectionNode):
            for item in (part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,))):
                if isinstance(item, yaml.ScalarNode) and not item.style and "?" in item.value:
                    self._add(item, "not YAML to Alertmanager: quote a text in brackets that holds ?", "yaml-syntax")
        return super().value(node, keys, inside)

    def scalar(self, node: yaml.ScalarNode) -> Value:
        found = super().scalar(node)
        tagged = node.tag == _STRING and (node.value in _PLAIN or _INT.match(node.value))
        return Plain(found) if isinstance(found, str) and not node.style and not tagged else found


def _merges(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and not key.style


@frozen
class Spot:
    """A place known by line and column alone, because the node tree does not exist."""

    path: str
    text: str
    line: int
    column: int

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        return self.line, self.column


def _at(document: Document, mark: _Mark | None, message: str, rule: str) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(Origin(Spot(document.path, document.text, line, column)), message, rule)


def _at_index(document: Document, message: str, index: int, rule: str) -> Problem:
    line = document.text.count("\n", 0, index) + 1
    column = index - (document.text.rfind("\n", 0, index) + 1) + 1
    return Problem(Origin(Spot(document.path, document.text, line, column)), message, rule)


def _too_deep(document: Document, mark: _Mark) -> Problem:
    message = f"nested deeper than {MAX_DEPTH} levels, which no spec needs: close the brackets"
    return Problem(Origin(Spot(document.path, document.text, mark.line + 1, 1)), message, "too-deep")


def _problem(document: Document, message: str, rule: str) -> Problem:
    return Problem(Origin(Spot(document.path, document.text, 1, 1)), message, rule)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    what = ": ".join(part for part in (error.context, error.problem) if part)
    advice = next((text for said, text in _ADVICE.items() if said in what), None)
    return f"not YAML: {what}" + (f"; {advice}" if advice else "")


def _unreadable(document: Document, position: int) -> Problem:
    """A character that no YAML file may hold; libyaml counts bytes or characters, so it is looked for here."""
    found = _CONTROL.search(document.text)
    offset = found.start() if found else min(position, len(document.text))
    before = document.text[:offset].split("\n")
    code = ord(document.text[offset]) if offset < len(document.text) else 0
    message = f'not YAML: the control character U+{code:04X}: remove it, or write "\\u{code:04x}" in double quotes'
    spot = Spot(document.path, document.text, len(before), len(before[-1]) + 1)
    return Problem(Origin(spot), message, "yaml-syntax")


def _step(node: yaml.Node, key: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == key), None)
    if isinstance(node, yaml.SequenceNode):
        named = (i for i, item in enumerate(node.value) if isinstance(item, yaml.ScalarNode) and item.value == key)
        index = key if isinstance(key, int) else next(named, len(node.value))  # `by: [a]` is short for `by: {a: a}`
        if key == "":  # `panels: [...]` is short for `panels: {"": [...]}`
            return node, node
        return (node.value[index], node.value[index]) if index < len(node.value) else None
    return None


def _inside(node: yaml.ScalarNode, lines: list[str], offset: int) -> tuple[int, int]:
    """Line and column of a code point inside a scalar of any style, also where it goes over several lines."""
    mark, value = node.start_mark, str(node.value)
    if node.style in ("|", ">"):
        body = next((i for i in range(mark.line + 1, len(lines)) if lines[i].strip()), mark.line)
        indent = len(lines[body]) - len(lines[body].lstrip(" "))
        row, column, end = mark.line + 1, indent, len(lines)
    else:
        indent, row, column, end = -1, mark.line, mark.column + bool(node.style), node.end_mark.line + 1
    at = 0
    while row < end:
        line = lines[row].rstrip("\r")
        stop = len(line) if indent >= 0 else len(line.rstrip())
        while column < stop and at < offset:
            if node.style in _ESCAPE:
                column += len(_ESCAPE[node.style].match(line, column)[0])  # type: ignore[index]
                at += 1
            else:
                steps = min(stop - column, offset - at)
                column, at = column + steps, at + steps
        if at >= offset and (column < stop or at >= len(value)):
            break
        row += 1
        if row >= end:
            return row, stop + 1
        at += at < len(value) and value[at] in " \n"  # the end of a line is one of these, or nothing
        column = indent if indent >= 0 else len(lines[row]) - len(lines[row].lstrip())
    return row + 1, column + 1
