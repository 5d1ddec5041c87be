"""Which labels a result can carry, and which groupings and matchings can therefore never work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

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
from .types import SET_OPERATORS, value_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .ast import Matching, Span

    LabelsOf: TypeAlias = Callable[[Selector], frozenset[str] | None]

_NONE: Final[frozenset[str]] = frozenset()
_KEEPING: Final = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_WITHOUT_LE: Final = frozenset(("histogram_quantile", "histogram_fraction"))


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that series can carry: `names`, or every label but `names` where something is not known.

    `fixed` are those with one value only, because an equality matcher pins it.
    """

    names: frozenset[str] = _NONE
    open: bool = False
    fixed: frozenset[str] = _NONE

    def __contains__(self, label: str) -> bool:
        return (label in self.names) != self.open

    def keep(self, labels: Iterable[str]) -> Labels:
        kept = frozenset(label for label in labels if label in self)
        return Labels(kept, False, self.fixed & kept)

    def drop(self, labels: Iterable[str]) -> Labels:
        gone = frozenset(labels)
        return Labels(self.names | gone if self.open else self.names - gone, self.open, self.fixed - gone)

    def add(self, labels: Iterable[str]) -> Labels:
        new = frozenset(labels)
        return Labels(self.names - new if self.open else self.names | new, self.open, self.fixed - new)

    def __and__(self, other: Labels) -> Labels:
        fixed = self.fixed | other.fixed
        if self.open and other.open:
            return Labels(self.names | other.names, True, fixed)
        closed, second = (other, self) if self.open else (self, other)
        names = frozenset(label for label in closed.names if label in second)
        return Labels(names, False, fixed & names)

    def __or__(self, other: Labels) -> Labels:
        if self.open or other.open:
            absent = [{label for label in side.names if label not in other_side} for side, other_side in
                      ((self, other), (other, self)) if side.open]  # fmt: skip
            return Labels(frozenset.intersection(*map(frozenset, absent)) if absent else _NONE, True)
        return Labels(self.names | other.names)


class LabelProblem(NamedTuple):
    """`candidates` are labels that could have been meant; `span` is in the text of the expression."""

    message: str
    span: Span
    label: str
    candidates: tuple[str, ...]
    kind: Literal["unknown-label", "never-matches", "many-to-one"]


def result_labels(expr: Expr, labels_of: LabelsOf) -> Labels:
    """What an expression's result can carry, given the labels of each selector's series (None: not known).

    Equality with a value leaves a label in place; `__name__` is never counted.
    """
    return _Flow(labels_of).labels(expr)


def problems(expr: Expr, labels_of: LabelsOf) -> Iterator[LabelProblem]:
    """Groupings by labels that are not there, and matchings in which no two series can meet, or too many do."""
    flow = _Flow(labels_of)
    flow.labels(expr)
    yield from flow.found


class _Flow:
    def __init__(self, labels_of: LabelsOf) -> None:
        self.labels_of = labels_of
        self.found: list[LabelProblem] = []

    def labels(self, expr: Expr) -> Labels:
        match expr:
            case Selector():
                return self.selector(expr)
            case Range():
                return self.selector(expr.selector)
            case Paren() | Unary() | Subquery():
                return self.labels(expr.expr)
            case Aggregate():
                return self.aggregate(expr)
            case Call():
                return self.call(expr)
            case Binary():
                return self.chain(expr)
            case Number() | String():
                return Labels()

    def selector(self, node: Selector) -> Labels:
        known = self.labels_of(node)
        equal = {matcher.label: matcher.value for matcher in node.matchers if matcher.op == "="}
        gone = {label for label, value in equal.items() if not value} | {"__name__"}
        labels = (Labels(_NONE, True) if known is None else Labels(frozenset(known))).drop(gone)
        fixed = frozenset(label for label in equal if label in labels)
        return Labels(labels.names, labels.open, fixed)

    def aggregate(self, node: Aggregate) -> Labels:
        inner = self.labels(node.expr)
        grouping = node.grouping
        names = grouping.labels if grouping else ()
        if grouping and (unknown := [index for index, name in enumerate(names) if not _has(inner, name)]):
            for index in unknown:
                self.unknown(names[index], _span(grouping.label_spans, index, grouping.span), inner, grouping.kind)
        if node.op in _KEEPING:
            return inner
        without = grouping is not None and grouping.kind == "without"
        result = inner.drop(names) if without else inner.keep(names)
        if node.op == "count_values" and isinstance(node.param, String):
            return result.add([node.param.value])
        return result

    def call(self, node: Call) -> Labels:
        if node.func in ("absent", "absent_over_time"):
            return self.absent(node)
        types = FUNCTIONS[node.func].args
        given = [self.labels(arg) for arg in node.args]
        if FUNCTIONS[node.func].returns == SCALAR:
            return Labels()
        if node.func == "info":
            return Labels(_NONE, True)
        vectors = [labels for labels, kind in zip(given, types, strict=False) if kind in (VECTOR, RANGE)]
        if not vectors:
            return Labels()
        labels = vectors[0].drop(["le"]) if node.func in _WITHOUT_LE else vectors[0]
        texts = [arg.value for arg in node.args if isinstance(arg, String)]
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
        return Labels(once, False, once)

    def chain(self, expr: Binary) -> Labels:
        first, nodes = spine(expr)
        left, scalar = self.labels(first), value_type(first) == SCALAR
        for node in nodes:
            right, other = self.labels(node.rhs), value_type(node.rhs) == SCALAR
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
        if node.op in SET_OPERATORS:
            return left
        if matching is None:
            return left & right
        if matching.group is None:
            both = left & right
            return both.keep(matching.labels) if matching.kind == "on" else both.drop(matching.labels)
        many, one = (left, right) if matching.group == "left" else (right, left)
        copied = [label for label in matching.include if label in one]
        return many.drop(matching.include).add(copied)

    def names(self, node: Binary, matching: Matching, left: Labels, right: Labels) -> None:
        """Labels named in `on`, `ignoring` and `group_...` that are not where they would have to be."""
        for index, label in enumerate(matching.labels):
            missing = [side for side, labels in (("left", left), ("right", right)) if not _has(labels, label)]
            span = _span(matching.label_spans, index, matching.span)
            if len(missing) == 2:
                self.unknown(label, span, left & right, matching.kind)
            elif missing and matching.kind == "on":
                near = left & right
                text = (
                    f'the {missing[0]} side of "{node.op}" cannot have the label "{label}", so on(...) never matches; '
                    f"{_write(near)}"
                )
                self.found.append(LabelProblem(text, span, label, _near(label, near), "never-matches"))
        one, side = (right, "right") if matching.group == "left" else (left, "left")
        for index, label in enumerate(matching.include):
            if not _has(one, label):
                text = f'group_{matching.group} copies "{label}", which the {side} side cannot have; {_have(one)}'
                span = _span(matching.include_spans, index, matching.span)
                self.found.append(LabelProblem(text, span, label, _near(label, one), "unknown-label"))

    def meeting(self, node: Binary, left: Labels, right: Labels) -> None:
        """Whether series of both sides can have equal labels, and one each."""
        if left.open or right.open:
            return
        matching, span = node.matching, node.op_span
        named = frozenset(matching.labels) if matching else _NONE
        if not (matching and matching.kind == "on"):
            rest = left.drop(named), right.drop(named)
            only = sorted(rest[0].names ^ rest[1].names)
            if only:
                text, near = _never(node.op, rest[0].names, rest[1].names, matching)
                self.found.append(LabelProblem(text, span, only[0], near, "never-matches"))
                return
        if node.op in SET_OPERATORS or matching is None:
            return
        if matching.group:
            return  # whoever writes it knows that the other side is unique
        extra = {}
        for side, labels in (("left", left), ("right", right)):
            lost = labels.names - named if matching.kind == "on" else labels.names & named
            if names := sorted(lost - labels.fixed):
                extra[side] = names
        if not extra:
            return
        side, names = next(iter(extra.items()))
        shown = " and ".join(f'"{name}"' for name in names)
        advice = f"write {matching.kind} ({', '.join(matching.labels)}) group_{side} ()"
        if len(extra) == 2:
            advice = f"aggregate that side first: sum without ({', '.join(names)}) (...)"
        text = f"several series of the {side} side can share one match, because it keeps {shown}; {advice}"
        self.found.append(LabelProblem(text, matching.span, names[0], (), "many-to-one"))

    def unknown(self, label: str, span: Span, labels: Labels, where: str) -> None:
        text = f'{where} ({label}): the operand cannot have the label "{label}"; {_have(labels)}'
        self.found.append(LabelProblem(text, span, label, _near(label, labels), "unknown-label"))


def _has(labels: Labels, label: str) -> bool:
    return label in labels or label == "__name__"


def _have(labels: Labels) -> str:
    if labels.open:
        return "leave it out"
    return f"it has {', '.join(sorted(labels.names))}" if labels.names else "it has no labels: leave it out"


def _write(labels: Labels) -> str:
    common = sorted(labels.names) if not labels.open else []
    return f"both have {', '.join(common)}" if common else "they have no label in common: write on ()"


def _near(label: str, labels: Labels) -> tuple[str, ...]:
    if labels.open:
        return ()
    from difflib import get_close_matches

    return tuple(get_close_matches(label, sorted(labels.names))) or tuple(sorted(labels.names))


def _never(
    op: str, left: frozenset[str], right: frozenset[str], matching: Matching | None
) -> tuple[str, tuple[str, ...]]:
    """The message for two sides that differ in their labels, and what they have in common."""
    common = tuple(sorted(left & right))
    sides = [
        f"only the {side} side has {', '.join(sorted(names))}"
        for side, names in (("left", left - right), ("right", right - left))
        if names
    ]
    listed = ", ".join(common)
    ignored = ", ".join([*(matching.labels if matching else ()), *sorted(left ^ right)])
    if op in SET_OPERATORS:
        result = "is always empty" if op == "and" else "removes nothing"
        advice = f"write {op} on ({listed})"
    else:
        result = "is always empty"
        if left - right and right - left:
            advice = f"aggregate both sides: sum by ({listed}) (...)"
        else:
            side = "left" if left - right else "right"
            advice = f"write {op} ignoring ({ignored}) group_{side} (), or aggregate the {side} side by ({listed})"
    return f'"{op}" {result}: {" and ".join(sides)}; {advice}', common


def _span(spans: tuple[Span, ...], index: int, whole: Span) -> Span:
    return spans[index] if index < len(spans) else whole
