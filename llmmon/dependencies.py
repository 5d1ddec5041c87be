"""Which rules read what other rules record: found once for a run, whoever asks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily
from llmmon.promql import Aggregate, Binary, Call, Paren, Range, Selector, Subquery, Unary, children, spine
from llmmon.rule import AlertingRule, RecordingRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Corpus, Group

NAME = lazily.pattern(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NOTHING: frozenset[str] = frozenset()
_ANSWERS_ALWAYS = frozenset(("absent", "absent_over_time", "scalar", "info"))


class Placed(NamedTuple):
    """A rule, its group, and which of the group's rules it is."""

    rule: AlertingRule | RecordingRule
    group: Group
    place: int


class Dependencies(NamedTuple):
    """Who records each series, and who reads the present value of any of them."""

    recorders: dict[str, list[Placed]]
    readers: list[tuple[Placed, list[Selector]]]


def placed(corpus: Corpus) -> Iterator[Placed]:
    """Every rule of a run that is in a group."""
    for rules in corpus.rules:
        for group in rules.groups:
            for place, rule in enumerate(group.rules):
                yield Placed(rule, group, place)


@lru_cache(maxsize=1)
def dependencies(corpus: Corpus) -> Dependencies:
    """Of all rules of a run."""
    recorders: dict[str, list[Placed]] = {}
    every = list(placed(corpus))
    for one in every:
        if isinstance(one.rule, RecordingRule):
            recorders.setdefault(one.rule.name, []).append(one)
    colons = all(":" in name for name in recorders)
    readers = []
    for one in every:
        expression = one.rule.expression
        if expression is None or (colons and ":" not in expression.text):
            continue
        if not recorders.keys().isdisjoint(NAME.findall(expression.text)):
            read = [node for node in present(expression.expr) if node.name in recorders]
            if read:
                readers.append((one, read))
    return Dependencies(recorders, readers)


def needed(expr: Expr) -> frozenset[str]:
    """The series without which an expression has no result at all."""
    match expr:
        case Selector(name):
            return frozenset((name,)) if name else _NOTHING
        case Range():
            return needed(expr.selector)
        case Paren() | Unary() | Subquery() | Aggregate():
            return needed(expr.expr)
        case Call():
            return _NOTHING if expr.func in _ANSWERS_ALWAYS else _NOTHING.union(*map(needed, expr.args))
        case Binary():
            first, chain = spine(expr)
            out = needed(first)
            for node in chain:
                right = needed(node.rhs)
                out = out & right if node.op == "or" else out if node.op == "unless" else out | right
            return out
    return _NOTHING


def present(expr: Expr) -> Iterator[Selector]:
    """The selectors whose present value is read, in no range."""
    todo = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, Selector):
            yield node
        elif not isinstance(node, Range | Subquery):
            todo.extend(reversed(children(node)))
