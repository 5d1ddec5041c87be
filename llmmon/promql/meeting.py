"""Whether the two sides of an operator can meet, and what is wrong with the labels that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from llmmon.classes import replace
from llmmon.lazily import get_close_matches

from .ast import Aggregate, Binary, Call, Number, Paren, Range, Selector, Unary
from .language import can_match
from .types import SET_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .ast import Expr, Grouping, Matching, MatchOp, Span
    from .labelset import Labels

_NONE: Final[frozenset[str]] = frozenset()
_OF_SERVERS: Final = frozenset(
    ("cluster", "datacenter", "dc", "env", "environment", "prometheus", "region", "replica", "site", "stage", "zone")
)
_ABSENT: Final = ("absent", "absent_over_time")
_RESULTS: Final = {"and": "is always empty", "unless": "removes nothing"}

Kind: TypeAlias = Literal[
    "unknown-label", "unknown-join", "unknown-matching", "never-matches", "set-never-matches", "many-to-one",
    "redundant-join", "lost-join", "unused-join",
]  # fmt: skip


class LabelProblem(NamedTuple):
    """`candidates` are labels that could have been meant; `span` is in the text of the expression.

    It is not `sure` where the series may lack the label that a grouping asks for. VictoriaMetrics matches a `bare`
    side, one without any labels, with everything.
    """

    message: str
    span: Span
    label: str
    candidates: tuple[str, ...]
    kind: Kind
    sure: bool = True
    bare: bool = False


class Meeting:
    """Collects what is wrong; what flows where is for `labels`."""

    def __init__(self) -> None:
        self.found: list[LabelProblem] = []

    def grouping(self, grouping: Grouping, labels: Labels) -> None:
        names, is_open = labels.names, labels.open
        for index, name in enumerate(grouping.labels):
            if (name in names) == is_open and name != "__name__":
                self.unknown(name, span_of(grouping.label_spans, index, grouping.span), labels, grouping.kind)

    def names(self, node: Binary, matching: Matching, left: Labels, right: Labels) -> None:
        """Labels named in `on`, `ignoring` and `group_...` that are not where they would have to be."""
        for index, label in enumerate(matching.labels):
            missing = [side for side, labels in (("left", left), ("right", right)) if not _has(labels, label)]
            span = span_of(matching.label_spans, index, matching.span)
            if len(missing) == 2:
                self.unknown(label, span, left & right, matching.kind, "unknown-matching")
            elif missing and matching.kind == "on" and _is_there(label, right if missing[0] == "left" else left):
                near = left & right
                text = (
                    f'the {missing[0]} side of "{node.op}" cannot have the label "{label}", so on(...) never matches; '
                    f"{_write(near, [one for one in matching.labels if one != label])}"
                )
                self.found.append(LabelProblem(text, span, label, _near(label, near), _never_kind(node)))
        many, one, side = (left, right, "right") if matching.group == "left" else (right, left, "left")
        twice: list[tuple[str, Span]] = []
        for index, label in enumerate(matching.include):
            span = span_of(matching.include_spans, index, matching.span)
            if not _has(one, label):
                if label.startswith("_"):
                    continue  # one that nobody has, on purpose
                text = f'group_{matching.group} copies "{label}", which the {side} side cannot have; {_have(one)}'
                self.found.append(LabelProblem(text, span, label, _near(label, one), "unknown-join"))
            elif _is_matched(label, matching) or _same_value(label, many, one):
                twice.append((label, span))
        if twice:
            text = f"group_{matching.group} copies {_quoted(twice)}, which the other side has already: {_leave(twice)}"
            self.found.append(LabelProblem(text, twice[0][1], twice[0][0], (), "redundant-join"))

    def meeting(self, node: Binary, left: Labels, right: Labels) -> None:
        """Whether series of both sides can have equal labels, and one each."""
        if left.conditions or right.conditions:
            before = len(self.found)
            self.values(node, left, right)
            if len(self.found) > before:
                return
        if left.open or right.open:
            for labels, side, expr in ((left, "right", node.rhs), (right, "left", node.lhs)):
                if labels.none and node.matching is None and node.op in _RESULTS and _is_scraped(expr):
                    self.without_labels(node, side, "instance", sure=False)
                    return
            return
        matching, span = node.matching, node.op_span
        named = frozenset(matching.labels) if matching else _NONE
        if not (matching and matching.kind == "on"):
            rest = left.drop(named), right.drop(named)
            has = rest[0].names - (left.partial - rest[1].names), rest[1].names - (right.partial - rest[0].names)
            only = sorted(has[0] ^ has[1])
            asked = left.asked | right.asked
            if only and asked.issuperset(only) and _OF_SERVERS.issuperset(only):
                return  # which some servers give to their series, and perhaps not this one
            if only:
                text, near = _never(node.op, *has, matching)
                sure = not asked.issuperset(only)
                bare = _is_bare(matching, left, right)
                self.found.append(LabelProblem(text, span, only[0], near, _never_kind(node), sure, bare))
                return
            if rest[0].names != rest[1].names:
                return
        if node.op in SET_OPERATORS or matching is None:
            return
        if matching.group:
            return  # whoever writes it knows that the other side is unique
        extra = {}
        for side, labels in (("left", left), ("right", right)):
            lost = labels.names - named if matching.kind == "on" else labels.names & named
            if _is_grouped(node.lhs if side == "left" else node.rhs):
                continue  # who names the labels may know that some follow from others, as a region from its zone
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

    def without_labels(self, node: Binary, side: str, label: str, sure: bool = True) -> None:
        """Only one side has labels, and nothing is said about how they are matched."""
        advice = f"write {node.op} {_on(node.op, [])}"
        if node.op not in SET_OPERATORS:
            advice += f" group_{side} ()"
        elif node.op == "and" and side == "right":
            advice += ", with the right side first, whose labels then stay"
        result = _RESULTS.get(node.op, "is always empty")
        text = f'"{node.op}" {result}: only the {side} side has labels; {advice}'
        self.found.append(LabelProblem(text, node.op_span, label, (), _never_kind(node), sure, bare=True))

    def values(self, node: Binary, left: Labels, right: Labels) -> None:
        """Whether what the matchers say of labels that have to be equal can be true on both sides."""
        matching, result = node.matching, _RESULTS.get(node.op, "is always empty")
        for side, other, labels, others in (("left", "right", left, right), ("right", "left", right, left)):
            for label in sorted([label for label in labels.sure if label not in others]):
                if _is_bare(matching, left, right):
                    self.without_labels(node, side, label)
                    return
                if _is_matched(label, matching):
                    text = (
                        f'"{node.op}" {result}: the {side} side has "{label}", which the {other} side cannot have; '
                        f"write {node.op} {_met(node, label, side, labels, others)}"
                    )
                    self.found.append(LabelProblem(text, node.op_span, label, (), _never_kind(node)))
                    return
        if left.conditions == right.conditions:
            return
        for label in sorted({one[0] for one in left.conditions} & {one[0] for one in right.conditions}):
            sides = [tuple(one[1:] for one in labels.conditions if one[0] == label) for labels in (left, right)]
            if sides[0] != sides[1] and _is_matched(label, matching) and _excluded(*sides):
                group = _group(node, label, (("left", left), ("right", right)))
                advice = f"write ignoring ({label}){group}"
                if group is None:
                    advice = f"aggregate both sides: sum without ({label}) (...)"
                text = f'"{node.op}" {result}: "{label}" cannot be the same on both sides; {advice}'
                self.found.append(LabelProblem(text, node.op_span, label, (), _never_kind(node)))
                return

    def joins(self, node: Binary, left: Labels, right: Labels) -> tuple[Labels, Labels]:
        """Both sides, where what was joined and does not reach the result is told."""
        matching = node.matching
        sides = []
        for labels, side in ((left, "left"), (right, "right")):
            many = node.op in SET_OPERATORS and side == "left"
            if matching is None or many or matching.group == side:
                sides.append(labels.use(matching.labels) if matching and matching.kind == "on" else labels)
                continue
            for label, span in labels.joined:
                if not _is_matched(label, matching) and label not in matching.include:
                    text = f'"{node.op}" loses "{label}", which is joined before: join it to the whole, or leave it out'
                    self.found.append(LabelProblem(text, span, label, (), "lost-join"))
            sides.append(replace(labels, joined=()))
        return sides[0], sides[1]

    def unused(self, node: Aggregate, inner: Labels, names: tuple[str, ...], without: bool) -> None:
        gone = [
            one for one in reversed(inner.joined) if (one.label in names) == without and not one.label.startswith("_")
        ]
        joined = dict(gone)
        lost = [(label, joined[label]) for label in dict.fromkeys(one.label for one in inner.joined) if label in joined]
        if lost:
            verb, it = ("are", "them") if len(lost) > 1 else ("is", "it")
            text = f"the {node.op} drops {_quoted(lost)}, which {verb} joined for nothing: {_leave(lost)}, or keep {it}"
            self.found.append(LabelProblem(text, lost[0][1], lost[0][0], (), "unused-join"))

    def unknown(self, label: str, span: Span, labels: Labels, where: str, kind: Kind = "unknown-label") -> None:
        text = f'{where} ({label}): the operand cannot have the label "{label}"; {_have(labels)}'
        self.found.append(LabelProblem(text, span, label, _near(label, labels), kind))


def _quoted(labels: list[tuple[str, Span]]) -> str:
    return ", ".join(f'"{label}"' for label, _ in labels)


def _leave(labels: list[tuple[str, Span]]) -> str:
    return "leave them out" if len(labels) > 1 else "leave it out"


def _is_grouped(expr: Expr) -> bool:
    """Whether the labels of a side are those that an aggregation names."""
    while True:
        match expr:
            case Aggregate():
                return expr.grouping is not None and expr.grouping.kind == "by"
            case Paren() | Unary():
                expr = expr.expr
            case Binary():
                expr = expr.lhs
            case Call("label_replace" | "label_join", args):
                expr = args[0]  # what is made of a label tells as much apart
            case _:
                return False


def _is_scraped(expr: Expr) -> bool:
    """Whether a side is of series as they are scraped, each of which has a job and an instance."""
    while True:
        match expr:
            case Paren() | Unary():
                expr = expr.expr
            case Range():
                expr = expr.selector
            case Binary(rhs=Number()) if expr.op not in SET_OPERATORS:
                expr = expr.lhs
            case Call(args=(Range() as inner,)) if expr.func not in _ABSENT:
                expr = inner
            case Selector():
                return expr.name is not None and ":" not in expr.name
            case _:
                return False


def _group(node: Binary, label: str, sides: tuple[tuple[str, Labels], ...]) -> str | None:
    """What lets series meet that this label sets apart on a side; None where it does so on both."""
    many = [side for side, labels in sides if label not in labels.fixed]
    if node.op in SET_OPERATORS or not many:
        return ""
    return f" group_{many[0]} ()" if len(many) == 1 else None


def _met(node: Binary, label: str, side: str, labels: Labels, others: Labels) -> str:
    """What lets series meet where the other side cannot have a label of this side."""
    if others.open:
        group = _group(node, label, ((side, labels),))
        return f"ignoring ({label}){group}, or on (...){group} with what both have"
    common = [name for name in sorted(others.names) if name in labels and _is_matched(name, node.matching)]
    many = labels.open or labels.names - labels.fixed - set(common)
    group = f" group_{side} ()" if many and node.op not in SET_OPERATORS else ""
    return f"{_on(node.op, common)}{group}"


def _on(op: str, common: Sequence[str]) -> str:
    """The matching by these labels; where there are none, an `unless` by them would remove everything at once."""
    return "on (...) with what both have" if op == "unless" and not common else f"on ({', '.join(common)})"


def _is_bare(matching: Matching | None, *sides: Labels) -> bool:
    """Whether one side has no labels at all, and nothing is said about how it is matched."""
    return matching is None and any(labels.none for labels in sides)


def _never_kind(node: Binary) -> Kind:
    return "set-never-matches" if node.op in SET_OPERATORS else "never-matches"


def _is_matched(label: str, matching: Matching | None) -> bool:
    """Whether series meet only where this label is equal."""
    return matching is None or (label in matching.labels) == (matching.kind == "on")


def _same_value(label: str, left: Labels, right: Labels) -> bool:
    """Whether a matcher pins a label to one value on both sides."""
    return any(one[:2] == (label, "=") for one in left.conditions & right.conditions)


def _excluded(left: tuple[tuple[MatchOp, str], ...], right: tuple[tuple[MatchOp, str], ...]) -> bool:
    """Whether each side is possible, and both together are not."""
    if any("$" in value for _, value in (*left, *right)):  # a dashboard's variable
        return False
    return can_match((*left, *right)) is False and can_match(left) is not False and can_match(right) is not False


def _has(labels: Labels, label: str) -> bool:
    return label in labels or label == "__name__"


def _is_there(label: str, labels: Labels) -> bool:
    """Whether series that can have a label do; one that only some servers give may be missing on both sides."""
    given = labels.open or label in labels.asked
    return not given or label in labels.sure or label not in _OF_SERVERS


def _have(labels: Labels) -> str:
    if labels.open:
        return "leave it out"
    return f"it has {', '.join(sorted(labels.names))}" if labels.names else "it has no labels: leave it out"


def _write(labels: Labels, others: list[str]) -> str:
    if kept := [label for label in others if label in labels]:
        return f"write on ({', '.join(kept)})"
    common = sorted(labels.names) if not labels.open else []
    return f"both have {', '.join(common)}" if common else "they have no label in common: leave the join out"


def _near(label: str, labels: Labels) -> tuple[str, ...]:
    if labels.open:
        return ()
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
        advice = f"write {op} {_on(op, common)}"
    else:
        result = "is always empty"
        if left - right and right - left:
            advice = f"aggregate both sides: sum by ({listed}) (...)"
        else:
            side = "left" if left - right else "right"
            advice = f"write {op} ignoring ({ignored}) group_{side} (), or aggregate the {side} side by ({listed})"
    return f'"{op}" {result}: {" and ".join(sides)}; {advice}', common


def span_of(spans: tuple[Span, ...], index: int, whole: Span) -> Span:
    return spans[index] if index < len(spans) else whole
