"""Which labels a result can carry, and what is therefore wrong with groupings and matchings on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from llmmon.classes import replace

from .ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    spine,
)
from .functions import FUNCTIONS, RANGE, SCALAR, VECTOR
from .labelset import Joined, Labels
from .meeting import LabelProblem, Meeting, span_of
from .types import SET_OPERATORS, value_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    LabelsOf: TypeAlias = Callable[[Selector], frozenset[str] | None]
    AskedOf: TypeAlias = Callable[[Selector], frozenset[str]]

_NONE: Final[frozenset[str]] = frozenset()
_KEEPING: Final = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
# The functions that may lose or add labels; all others give each series that they take the labels that it had.
CHANGING: Final = frozenset(
    ("absent", "absent_over_time", "histogram_quantile", "histogram_fraction", "info", "scalar", "vector")
)
_NAME: Final = frozenset(("__name__",))
_ANY: Final = Labels(_NAME, True)
_BARE: Final = Labels()
_VECTORS: Final = frozenset((Selector, Aggregate))
_WITHOUT_LE: Final = frozenset(("histogram_quantile", "histogram_fraction"))


class Flow(NamedTuple):
    """What an expression's result can carry, and what is wrong on the way."""

    labels: Labels
    found: tuple[LabelProblem, ...]

    @property
    def apart(self) -> bool:
        """Whether two operands can never meet, so that nobody knows which labels were meant to come out."""
        return any(one.kind in ("never-matches", "set-never-matches") for one in self.found)


def flow(expr: Expr, labels_of: LabelsOf, asked_of: AskedOf = lambda _: _NONE) -> Flow:
    """`result_labels` and `problems` at once; perhaps no series of a selector has the labels that are asked."""
    inside = _Flow(labels_of, asked_of)
    labels = inside.labels(expr)
    return Flow(labels, tuple(inside.found))


def result_labels(expr: Expr, labels_of: LabelsOf) -> Labels:
    """What an expression's result can carry, given the labels of each selector's series (None: not known).

    Equality with a value leaves a label in place; `__name__` is never counted.
    """
    return flow(expr, labels_of).labels


def problems(expr: Expr, labels_of: LabelsOf) -> Iterator[LabelProblem]:
    """Groupings by labels that are not there, and matchings in which no two series can meet, or too many do."""
    yield from flow(expr, labels_of).found


class _Flow(Meeting):
    def __init__(self, labels_of: LabelsOf, asked_of: AskedOf) -> None:
        super().__init__()
        self.labels_of = labels_of
        self.asked_of = asked_of

    def labels(self, expr: Expr) -> Labels:
        while True:
            kind = type(expr)
            if kind is Selector:
                return self.selector(expr)  # type: ignore[arg-type]
            if kind is Range:
                return self.selector(expr.selector)  # type: ignore[union-attr]
            if kind is Aggregate:
                return self.aggregate(expr)  # type: ignore[arg-type]
            if kind is Binary:
                return self.chain(expr)  # type: ignore[arg-type]
            if isinstance(expr, Call):
                if expr.func in CHANGING or len(expr.args) != 1:
                    return self.call(expr)
                expr = expr.args[0]
            elif isinstance(expr, Paren | Unary | Subquery):
                expr = expr.expr
            else:
                return _BARE

    def selector(self, node: Selector) -> Labels:
        known = self.labels_of(node)
        if not node.matchers and known is None:
            return _ANY
        gone = _NAME
        for matcher in node.matchers:
            if not matcher.value and matcher.op == "=":
                gone |= {matcher.label}
        about = [(one.label, one.op, one.value) for one in node.matchers if one.label not in gone]
        if known is None:
            return Labels(gone, True, frozenset(about))
        found = Labels(known - gone, False, frozenset([one for one in about if one[0] in known]))
        asked = (known - gone) & self.asked_of(node)
        return replace(found, asked=asked - found.sure) if asked else found

    def aggregate(self, node: Aggregate) -> Labels:
        inner = self.labels(node.expr)
        grouping = node.grouping
        names = grouping.labels if grouping else ()
        if grouping:
            self.grouping(grouping, inner)
        without = grouping is not None and grouping.kind == "without"
        if node.op in _KEEPING:
            return inner if without else inner.use(names)
        result = inner.drop(names) if without else inner.keep(names).use(names)
        if inner.joined:
            self.unused(node, inner, names, without)
        if node.op == "count_values" and isinstance(node.param, String):
            return result.add([node.param.value])
        return result

    def call(self, node: Call) -> Labels:
        if node.func in ("absent", "absent_over_time"):
            return self.absent(node)
        function = FUNCTIONS[node.func]
        types = function.args
        given = [self.labels(arg) for arg in node.args]
        if function.returns == SCALAR:
            return _BARE
        if node.func == "info":
            return Labels(_NONE, True)
        vectors = [labels for labels, kind in zip(given, types, strict=False) if kind in (VECTOR, RANGE)]
        if not vectors:
            return Labels()
        labels = vectors[0].drop(["le"]) if node.func in _WITHOUT_LE else vectors[0]
        if len(node.args) == 1:
            return labels
        texts = [arg.value for arg in node.args if isinstance(arg, String)]
        labels = labels.use(texts[2:])
        if node.func == "label_join" or (node.func == "label_replace" and texts[1:2] != [""]):
            return labels.add(texts[:1])
        if node.func == "histogram_quantiles":
            return labels.drop(["le"]).add(texts[:1])
        return labels

    def absent(self, node: Call) -> Labels:
        """`absent` copies the labels that exactly one matcher names, and that one is an equality."""
        arg = node.args[0]
        while isinstance(arg, Paren):
            arg = arg.expr
        self.labels(arg)
        selector = arg.selector if isinstance(arg, Range) else arg
        if not isinstance(selector, Selector):
            return Labels()
        named = [matcher.label for matcher in selector.matchers]
        once = frozenset(
            matcher.label
            for matcher in selector.matchers
            if matcher.op == "=" and matcher.value and matcher.label != "__name__" and named.count(matcher.label) == 1
        )
        about = ((matcher.label, matcher.op, matcher.value) for matcher in selector.matchers if matcher.label in once)
        return Labels(once, False, frozenset(about))

    def chain(self, expr: Binary) -> Labels:
        first, nodes = spine(expr)
        left, scalar = self.labels(first), _is_scalar(first)
        for node in nodes:
            if isinstance(node.rhs, Number):
                continue
            right, other = self.labels(node.rhs), _is_scalar(node.rhs)
            if not (scalar or other):
                left = self.binary(node, left, right)
            elif scalar:
                left = right
            scalar = scalar and other
        return left

    def binary(self, node: Binary, left: Labels, right: Labels) -> Labels:
        matching = node.matching
        if node.op == "or":
            return left | right
        before = len(self.found)
        if matching:
            self.names(node, matching, left, right)
        if len(self.found) == before:
            self.meeting(node, left, right)
        if left.joined or right.joined:
            left, right = self.joins(node, left, right)
        if node.op in SET_OPERATORS:
            return left
        if matching is None:
            return left & right
        if matching.group is None:
            both = left & right
            return both.keep(matching.labels) if matching.kind == "on" else both.drop(matching.labels)
        many, one = (left, right) if matching.group == "left" else (right, left)
        result = many.drop(matching.include).add(label for label in matching.include if label in one)
        spans = matching.include_spans
        result = replace(result, asked=result.asked | one.asked.intersection(matching.include))
        copied = tuple(Joined(label, span_of(spans, i, matching.span)) for i, label in enumerate(matching.include))
        return replace(result, joined=result.joined + copied) if copied else result


def _is_scalar(expr: Expr) -> bool:
    return type(expr) not in _VECTORS and value_type(expr) == SCALAR
