"""What a Logstash configuration is made of; every node knows where it stands in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

Span: TypeAlias = tuple[int, int]  # code points: start, end
Kind: TypeAlias = Literal["input", "filter", "output"]


class Complaint(NamedTuple):
    """One thing that is wrong: what, where in the text, and a short name for the kind of mistake."""

    message: str
    span: Span
    code: str


@frozen
class String:
    """`"..."` or `'...'`. `text` is what stands between the quotes: a backslash is a backslash."""

    span: Span
    text: str


@frozen
class Number:
    """`source` as written; some numbers that the grammar takes have no value (`08`, `5.`)."""

    span: Span
    source: str


@frozen
class Bareword:
    span: Span
    text: str


@frozen
class Array:
    span: Span
    values: tuple[Value, ...]


@frozen
class Entry:
    span: Span
    key: String | Number | Bareword
    value: Value


@frozen
class Hash:
    span: Span
    entries: tuple[Entry, ...]


@frozen
class FieldReference:
    """`[a][b]` in a condition. `["x"]` is one too, whose only element is `"x"` with its quotes."""

    span: Span
    path: tuple[str, ...]


@frozen
class Regex:
    """`/.../` in a condition; `source` is what stands between the slashes."""

    span: Span
    source: str


@frozen
class MethodCall:
    """The grammar has it; no Logstash implements it."""

    span: Span
    name: str
    arguments: tuple[Rvalue, ...]


@frozen
class Comparison:
    span: Span
    left: Rvalue
    operator: str  # == != <= >= < >
    right: Rvalue


@frozen
class Match:
    span: Span
    left: Rvalue
    negated: bool
    right: String | Regex


@frozen
class In:
    span: Span
    left: Rvalue
    negated: bool
    right: Rvalue


@frozen
class Not:
    span: Span
    operand: Condition


@frozen
class Logic:
    """Two or more operands, flat as written; one operator (`and or xor nand`) between each two of them."""

    span: Span
    operands: tuple[Condition, ...]
    operators: tuple[str, ...]


@frozen
class Attribute:
    """`name => value`; `name` is without its quotes."""

    span: Span
    name: str
    name_span: Span
    value: Value


@frozen
class Plugin:
    """A plugin or a codec. `name` is as written: Logstash looks for a quoted name with its quotes."""

    span: Span
    name: str
    name_span: Span
    attributes: tuple[Attribute, ...]

    def attribute(self, name: str) -> Attribute | None:
        """The last attribute of that name."""
        return next((found for found in reversed(self.attributes) if found.name == name), None)


@frozen
class Arm:
    """`if` or `else if`, with its condition and its body."""

    span: Span
    condition: Condition
    body: tuple[Statement, ...]


@frozen
class Else:
    span: Span
    body: tuple[Statement, ...]


@frozen
class Branch:
    span: Span
    arms: tuple[Arm, ...]
    otherwise: Else | None


@frozen
class Section:
    span: Span
    kind: Kind
    body: tuple[Statement, ...]


@frozen
class Config:
    span: Span
    text: str
    sections: tuple[Section, ...]


Rvalue: TypeAlias = String | Number | FieldReference | Array | MethodCall | Regex
Condition: TypeAlias = Logic | Not | Comparison | Match | In | Rvalue
Value: TypeAlias = Plugin | Bareword | String | Number | Array | Hash
Statement: TypeAlias = Plugin | Branch
Node: TypeAlias = Config | Section | Statement | Arm | Else | Attribute | Entry | Value | Condition


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in the order of the text."""
    match node:
        case Config():
            return node.sections
        case Section() | Else():
            return node.body
        case Branch():
            return (*node.arms, node.otherwise) if node.otherwise else node.arms
        case Arm():
            return (node.condition, *node.body)
        case Plugin():
            return node.attributes
        case Attribute():
            return (node.value,)
        case Array():
            return node.values
        case Hash():
            return node.entries
        case Entry():
            return (node.key, node.value)
        case Logic():
            return node.operands
        case Not():
            return (node.operand,)
        case Comparison() | Match() | In():
            return (node.left, node.right)
        case MethodCall():
            return node.arguments
        case String() | Number() | Bareword() | FieldReference() | Regex():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes below it, parents first, in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def plugins(config: Config) -> Iterator[tuple[Literal["input", "filter", "output", "codec"], Plugin]]:
    """Every plugin with its kind, codecs included, in the order of the text."""
    for section in config.sections:
        inside = (0, 0)
        for node in walk(section):
            if isinstance(node, Plugin):
                is_codec = inside[0] <= node.span[0] < inside[1]
                yield "codec" if is_codec else section.kind, node
                if not is_codec:
                    inside = node.span
