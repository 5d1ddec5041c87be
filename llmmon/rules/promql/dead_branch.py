"""A part of an expression that decides nothing.

Two constants compare the same way for ever. What stands behind `or` is never used where the left side always has the
same labels, and nothing is left by `unless on () vector(1)`. Something else was meant.

Bad:

    vector(0) > 0

    up unless on () vector(1)

    vector(0) or sum(app_denials_total)

    1 > bool 2

Good:

    vector(1) > 0

    up unless on () (app_queue_length > 5)

    sum(app_denials_total) or vector(0)

    vector(0) or app_denials_total
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Binary, result_labels
from llmmon.promql.always import always, same
from llmmon.promql.fold import COMPARED, is_long
from llmmon.promql.printer import number
from llmmon.promql.types import COMPARISONS
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts


def check(node: Binary, facts: Facts) -> Iterator[Finding]:
    del facts
    if is_long(node):
        return
    if node.op in COMPARISONS:
        yield from _compared(node)
    elif node.op == "or" and always(node.lhs) and (_on_nothing(node) or _bare_both(node)):
        yield Finding(
            "Q036", 'the left side of "or" is always there, so this is never used: leave it out', node.rhs.span
        )
    elif node.op == "unless" and always(node.rhs) and (_on_nothing(node) or _bare_both(node)):
        message = 'the right side of "unless" is always there, so nothing is ever left: write a condition there'
        yield Finding("Q036", message, node.rhs.span)


def _compared(node: Binary) -> Iterator[Finding]:
    left = same(node.lhs)
    right = same(node.rhs) if left is not None else None
    if left is None or right is None:
        return
    holds = COMPARED[node.op](left, right)
    said = f"{number(left)} {node.op} {number(right)}"
    if node.bool:
        yield Finding("Q036", f"{said} is always {int(holds)}: compare a metric", node.span)
    elif not holds:
        yield Finding("Q036", f"{said} is never true, so this is always empty: compare a metric", node.span)


def _on_nothing(node: Binary) -> bool:
    return node.matching is not None and node.matching.kind == "on" and not node.matching.labels


def _bare_both(node: Binary) -> bool:
    """Whether no side has any label."""
    return _is_bare(node.lhs) and _is_bare(node.rhs)


def _is_bare(expr: Expr) -> bool:
    return result_labels(expr, lambda _: None).none


RULE = Rule(
    Binary,
    check,
    {"Q036": Level.WARNING},
    peers=("pint promql/impossible",),
    names=frozenset((*COMPARISONS, "or", "unless")),
)
