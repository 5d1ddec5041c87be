"""An alert on the highest few, which are others at every evaluation.

`topk` and its relatives choose series anew each time. The alert of a series that is no longer chosen is resolved, and
its `for:` begins again when it comes back, although nothing has changed.

Bad:

    expr: topk(3, job:latency_seconds:p95) > 0.5

    expr: bottomk(1, disk_free_ratio) < 0.1

Good:

    expr: job:latency_seconds:p95 > 0.5

    expr: max(topk(3, job:latency_seconds:p95)) > 0.5

    expr: disk_free_ratio * on (instance) group_left (nodename) topk by (instance) (1, node_uname_info) < 0.1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Paren, Unary
from llmmon.promql.fold import constant
from llmmon.promql.types import SET_OPERATORS
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_CHOOSING = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    text = rule.expression.text if rule.expression else ""
    if rule.expression is None or (text and not any(name in text for name in ("topk", "bottomk", "limit"))):
        return
    for node in _shown(rule.expression.expr):
        if isinstance(node, Aggregate) and node.op in _CHOOSING and not _is_one_of_each(node):
            message = f"{node.op} chooses other series at each evaluation, and alerts come and go: compare all of them"
            yield Finding("A005", message, node.span, ("expr",))


def _is_one_of_each(node: Aggregate) -> bool:
    """Whether it only makes one series of what a restarted exporter may have twice."""
    return node.grouping is not None and node.param is not None and constant(node.param) == 1


def _shown(expr: Expr) -> Iterator[Expr]:
    """The parts whose series, with their labels, are those of the result."""
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        match node:
            case Paren() | Unary():
                todo.append(node.expr)
            case Call() if node.args and node.func not in ("absent", "scalar", "vector"):
                todo.extend(node.args)
            case Binary():
                one = node.matching is not None and (node.matching.kind == "on" or node.matching.group is not None)
                if node.op == "or" or not (one or node.op in SET_OPERATORS):
                    todo.append(node.rhs)
                todo.append(node.lhs)


RULE = Rule(AlertingRule, check, {"A005": Level.WARNING}, peers=("pint promql/fragile",))
