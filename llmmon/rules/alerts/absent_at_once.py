"""An absence that fires at the first scrape that is missed.

`absent()` is true as soon as no series was scraped within the last five minutes, and at once where the target went
away: a restart, or a Prometheus that has just started and has scraped nothing yet, is then an alert.

Bad:

    expr: absent(up{job="api"})

    expr: absent_over_time(up{job="api"}[30s])

Good:

    expr: absent(up{job="api"})
    for: 5m

    expr: absent_over_time(up{job="api"}[10m])

    expr: x > 5 and absent(maintenance)
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.problem import Level
from llmmon.promql import Binary, Call, Range, Subquery
from llmmon.promql.fold import bare, condition
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_USUAL = timedelta(minutes=1)  # between two scrapes, where nobody says


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    hold = rule.hold or timedelta(0)
    least = 2 * (facts.scrape_interval or _USUAL)
    if rule.expression is None or (rule.expression.text and "absent" not in rule.expression.text):
        return
    if hold >= least or (hold and not facts.scrape_interval):
        return
    for call in _absences(rule.expression.expr):
        if _window(call) < least:
            message = (
                f"one scrape that is missed fires this: write for: {duration.text(max(least, timedelta(minutes=5)))}"
            )
            yield Finding("A004", message, call.span, ("expr",))
            return


def _absences(expr: Expr) -> Iterator[Call]:
    """The absences that fire by themselves."""
    todo = [expr]
    while todo:
        node = bare(todo.pop())
        if isinstance(node, Binary) and node.op == "or":
            todo += [node.rhs, node.lhs]
        elif isinstance(node, Call) and node.func in ("absent", "absent_over_time"):
            yield node
        elif found := condition(node):
            todo.append(found[0])


def _window(call: Call) -> timedelta:
    arg = bare(call.args[0])
    return timedelta(milliseconds=arg.range) if isinstance(arg, Range | Subquery) else timedelta(0)


RULE = Rule(AlertingRule, check, {"A004": Level.WARNING}, peers=("pint alerts/absent",), words=("absent",))
