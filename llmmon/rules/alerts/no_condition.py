"""An alert that fires always, or never.

Without a comparison an alert fires as long as the series exists, whatever its value; with `bool` it fires for 0 as for
1, and `or vector(0)` behind the comparison is always there. `count(...) == 0` never holds: of no series the count is
not 0, it is nothing.

Bad:

    expr: rate(errors_total[5m])

    expr: up == bool 0

    expr: sum(rate(errors_total[5m])) > 5 or vector(0)

    expr: count(up{job="api"} == 1) == 0

    expr: sum(rate(errors_total[5m])) < 0

Good:

    expr: sum(rate(errors_total[5m])) > 5

    expr: (sum(rate(errors_total[5m])) or vector(0)) < 5

    expr: (count(up{job="api"} == 1) or vector(0)) == 0

    expr: absent(up{job="api"} == 1)

    expr: vector(1)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Selector, to_text, value_type, walk
from llmmon.promql.bounds import always, bounds, never
from llmmon.promql.fold import COMPARED, bare, condition, constant, selectors
from llmmon.promql.types import COMPARISONS
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_MEANT = lazily.pattern(r"watchdog|dead|heart|always|alive|test|info", re.IGNORECASE)
_OF_TROUBLE = lazily.pattern(
    r"(?:^|_)(?:alerts?_(?:active|firing|open)|conflict|degraded|expired|failing|mismatch|missing|orphan\w*|stale|unhealthy)(?:_|\Z)"
)
_NEVER = lazily.pattern(r"dummy|canary|never", re.IGNORECASE)
_CONDITIONS = frozenset(("absent", "absent_over_time", "vector"))
_COUNTS = frozenset(("count", "count_over_time", "count_values", "group", "present_over_time"))
_WHOSE = frozenset(  # labels that say whose a series is, and not how it is
    ("app", "cluster", "container", "env", "environment", "instance", "job", "namespace", "pod", "region", "service")
)
_WIDTH = 40
_STEPS = 50  # conditions that are looked at, of one alert


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None:
        return
    expr = bare(rule.expression.expr)
    if isinstance(expr, Binary):
        if (part := _impossible(expr)) is not None and not _NEVER.search(rule.name):
            yield Finding("A003", _why(part), part.span, ("expr",))
            return
        if (said := _certain(expr)) and not _MEANT.search(rule.name):
            yield Finding("A002", said[0], said[1].span, ("expr",))
            return
        if _decides(expr):
            return
    if isinstance(expr, Selector) and _OF_TROUBLE.search(expr.name or ""):
        return  # such a series is there only in trouble
    if not _has_condition(expr, facts) and not _MEANT.search(rule.name):
        read = [selector.name or "" for selector in selectors(expr)]
        bad = "== 0" if read and all(name == "up" or name.endswith("_up") for name in read) else "> 0"
        message = f"this fires as long as there is such a series, whatever its value: compare it, as in ... {bad}"
        yield Finding("A001", message, expr.span, ("expr",))


def _impossible(node: Expr) -> Binary | None:
    """A comparison that never holds, and without which there is no result."""
    todo = [node]
    for _ in range(_STEPS):
        node = bare(todo.pop())
        if isinstance(node, Aggregate):
            todo.append(node.expr)
        elif isinstance(node, Binary):
            if node.op == "and":
                todo += [node.rhs, node.lhs]
            elif node.op == "unless":
                todo.append(node.lhs)
            elif not node.bool and (found := condition(node)):
                value, op, limit = found
                if never(op, bounds(value), limit):
                    return node
                todo.append(value)
        if not todo:
            break
    return None


def _why(node: Binary) -> str:
    found = condition(node)
    assert found
    value, op, limit = found
    low, high = bounds(value)
    text = to_text(value)
    shown = text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."
    if isinstance(inner := bare(value), Aggregate) and inner.op in ("count", "group"):
        other = "" if inner.grouping else f", or ({shown} or vector(0))"  # which has no labels to group by
        return f"{inner.op}() of nothing is nothing, and not {limit:g}: write absent(...){other}"
    side = f"never below {low:g}" if op in ("<", "<=") or limit < low else f"never above {high:g}"
    return f"{shown} is {side}, so this never fires: compare it with something that can be"


def _counts(node: Expr) -> bool:
    return (node.op if isinstance(node, Aggregate) else node.func if isinstance(node, Call) else "") in _COUNTS


def _certain(node: Binary) -> tuple[str, Expr] | None:
    """Why an alert fires whatever happens, and the part that makes it so."""
    if node.op == "or":
        for part in (bare(node.rhs), bare(node.lhs)):
            if isinstance(part, Call) and part.func == "vector":
                return f"{to_text(part)} is always there, so this always fires: write it before the comparison", part
        return None
    if node.op in COMPARISONS and node.bool:
        if value_type(node) == "scalar":
            return "the result is a scalar, which is 0 or 1 and fires either way: compare a vector, without bool", node
        return f"with bool this fires for 0 as for 1: write {node.op} without it", node
    found = condition(node)
    if found and (least := _beside(found[0])) and COMPARED[found[1]](0, found[2]):
        text = to_text(least)
        return f"{text} has no labels, so it is beside every group and this always fires: write or on () {text}", least
    if found is None or constant(found[0]) is not None or not always(found[1], bounds(found[0]), found[2]):
        return None
    if any(_decides(part) or _counts(part) for part in walk(found[0])):
        return None  # whether there is any at all is the question
    low, high = bounds(found[0])
    side = f"{low:g} or more" if found[1] in (">", ">=") else f"{high:g} or less"
    return f"the value is always {side}, so this fires as long as there is one: compare it with another", node


def _beside(value: Expr) -> Expr | None:
    """The `vector(0)` that no group can take the place of: a group has labels."""
    match bare(value):
        case Binary("or", lhs, rhs) as node if node.matching is None:
            group, least = bare(lhs), bare(rhs)
            if isinstance(group, Aggregate) and group.grouping and group.grouping.kind == "by":
                is_0 = isinstance(least, Call) and least.func == "vector" and constant(least.args[0]) == 0
                return least if group.grouping.labels and is_0 else None
    return None


def _has_condition(expr: Expr, facts: Facts) -> bool:
    """Whether anything decides on a result: a comparison somewhere, or series that are there only in trouble."""
    if any(map(_decides, walk(expr))):
        return True
    read = list(selectors(expr))
    return not read or any(_in_trouble(selector, facts) for selector in read)


def _decides(node: Expr) -> bool:
    match node:
        case Binary(op):
            return (op in COMPARISONS and not node.bool) or op in ("and", "unless")
        case Call(func):
            return func in _CONDITIONS
    return False


def _in_trouble(selector: Selector, facts: Facts) -> bool:
    """Whether there may be such a series only when something is wrong."""
    name = selector.name or ""
    if ":" in name or name.startswith("ALERTS") or name.endswith("_info") or name in facts.recorded:
        return True
    return any(matcher.label not in _WHOSE for matcher in selector.matchers)


RULE = Rule(
    AlertingRule,
    check,
    {"A001": Level.WARNING, "A002": Level.ERROR, "A003": Level.ERROR},
    peers=("pint alerts/comparison",),
)
