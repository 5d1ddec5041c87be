"""The tree of a PromQL expression; every node says where it stands in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from llmmon.classes import field, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Span: TypeAlias = tuple[int, int]
"""First code point and the one after the last, in the text of the expression."""

ValueType: TypeAlias = Literal["scalar", "instant vector", "range vector", "string"]
MatchOp: TypeAlias = Literal["=", "!=", "=~", "!~"]

NOWHERE: Span = (0, 0)


class Node:
    """Equal to another node of the same class with equal fields; spans do not count. Compares without recursion."""

    __slots__ = ()
    __match_args__: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        pairs: list[tuple[object, object]] = [(self, other)]
        while pairs:
            left, right = pairs.pop()
            if left is right:
                continue
            if isinstance(left, Node):
                if type(left) is not type(right):
                    return False
                names = [name for name in left.__match_args__ if not name.endswith(("span", "spans"))]
                pairs += [(getattr(left, name), getattr(right, name)) for name in names]
            elif isinstance(left, tuple) and isinstance(right, tuple):
                if len(left) != len(right):
                    return False
                pairs += zip(left, right, strict=True)
            elif left != right and not (left != left and right != right):  # NaN is NaN in a text
                return False
        return True

    __hash__ = None  # type: ignore[assignment]  # nodes are mutable


@plain
class Matcher(Node):
    label: str
    op: MatchOp
    value: str
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Number(Node):
    """A duration as a number (`100ms`, from 2.54 on) is in seconds."""

    value: float
    span: Span = field(default=NOWHERE, repr=False)


@plain
class String(Node):
    value: str
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Selector(Node):
    """Offset in milliseconds, 0 for none; `at` in seconds of Unix time, or "start" or "end"."""

    name: str | None
    matchers: tuple[Matcher, ...] = ()
    offset: int = 0
    at: float | Literal["start", "end"] | None = None
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Range(Node):
    """`selector[range]`: range in milliseconds; offset and @ are the selector's."""

    selector: Selector
    range: int
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Subquery(Node):
    """`expr[range:step]`: all times in milliseconds; step 0 is the default resolution."""

    expr: Expr
    range: int
    step: int = 0
    offset: int = 0
    at: float | Literal["start", "end"] | None = None
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Call(Node):
    func: str
    args: tuple[Expr, ...] = ()
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Grouping(Node):
    """`by (labels)` or `without (labels)`."""

    kind: Literal["by", "without"]
    labels: tuple[str, ...]
    label_spans: tuple[Span, ...] = field(default=(), repr=False)
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Aggregate(Node):
    """`op` is in lower case; `param` belongs to topk, bottomk, quantile, count_values, limitk and limit_ratio."""

    op: str
    expr: Expr
    grouping: Grouping | None = None
    param: Expr | None = None
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Matching(Node):
    """`on (labels) group_left (include)` and its relatives; `group` names the side with many series."""

    kind: Literal["on", "ignoring"]
    labels: tuple[str, ...]
    group: Literal["left", "right"] | None = None
    include: tuple[str, ...] = ()
    label_spans: tuple[Span, ...] = field(default=(), repr=False)
    include_spans: tuple[Span, ...] = field(default=(), repr=False)
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Binary(Node):
    """`op` is in lower case. A chain `a + b + c` leans to the left and may be very long: use `spine`."""

    op: str
    lhs: Expr
    rhs: Expr
    bool: bool = False
    matching: Matching | None = None
    op_span: Span = field(default=NOWHERE, repr=False)
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Unary(Node):
    op: Literal["+", "-"]
    expr: Expr
    span: Span = field(default=NOWHERE, repr=False)


@plain
class Paren(Node):
    expr: Expr
    span: Span = field(default=NOWHERE, repr=False)


Expr: TypeAlias = Number | String | Selector | Range | Subquery | Call | Aggregate | Binary | Unary | Paren


_CHILDREN: Mapping[type, Callable[[Any], tuple[Expr, ...]]] = {
    Binary: lambda node: (node.lhs, node.rhs),
    Call: lambda node: node.args,
    Range: lambda node: (node.selector,),
    Aggregate: lambda node: (node.expr,) if node.param is None else (node.param, node.expr),
    Paren: lambda node: (node.expr,),
    Unary: lambda node: (node.expr,),
    Subquery: lambda node: (node.expr,),
}


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions right below, in the order of the text."""
    below = _CHILDREN.get(type(expr))
    return below(expr) if below else ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all below it, parents first, in the order of the text."""
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        if below := _CHILDREN.get(type(node)):
            todo.extend(below(node)[::-1])


def by_type(expr: Expr) -> dict[type, list[Any]]:
    """What `walk` gives, sorted by type, in half the time."""
    out: dict[type, list[Any]] = {}
    todo: list[Any] = [expr]
    while todo:
        node = todo.pop()
        kind = type(node)
        if kind in out:
            out[kind].append(node)
        else:
            out[kind] = [node]
        if kind is Call:
            todo += node.args[::-1]
        elif kind is Binary:
            todo.append(node.rhs)
            todo.append(node.lhs)
        elif kind is Range:
            todo.append(node.selector)
        elif kind is Aggregate or kind is Paren or kind is Unary or kind is Subquery:
            todo.append(node.expr)
            if kind is Aggregate and node.param is not None:
                todo.append(node.param)
    return out


def spine(expr: Binary) -> tuple[Expr, list[Binary]]:
    """The leftmost operand of a chain of operators, and the operators from the innermost out."""
    chain: list[Binary] = []
    node: Expr = expr
    while isinstance(node, Binary):
        chain.append(node)
        node = node.lhs
    chain.reverse()
    return node, chain
