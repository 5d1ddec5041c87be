"""An absence that fires at the first scrape that is missed.

`absent()` is true as soon as no series was scraped within the last five minutes, and at once where the target went
away: a restart, or a Prometheus that has just started and has scraped nothing yet, is then an alert. `up` alone stays
where a scrape fails, and is absent only when the target is no target any more.

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
from llmmon.promql import Binary, Call, Range, Selector, Subquery
from llmmon.promql.fold import bare, condition, selectors
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
    if "for" in rule.unread or hold >= least or (hold and not facts.scrape_interval):
        return
    for call in _absences(rule.expression.expr):
        if _window(call) < least:
            message = f"{_why(call)}: write for: {duration.text(max(least, timedelta(minutes=5)))}"
            yield Finding("A004", message, call.span, ("expr",))
            return


def _why(call: Call) -> str:
    arg = bare(call.args[0])
    selector = arg.selector if isinstance(arg, Range) else arg
    if isinstance(selector, Selector) and selector.name == "up":  # a scrape that fails records 0
        return "a target that moves or is renamed, or a Prometheus that starts, fires this at once"
    return "one scrape that is missed fires this"


def _absences(expr: Expr) -> Iterator[Call]:
    """The absences that fire by themselves."""
    todo = [expr]
    while todo:
        node = bare(todo.pop())
        if isinstance(node, Binary) and node.op == "or":
            todo += [node.rhs, node.lhs]
        elif isinstance(node, Call) and node.func in ("absent", "absent_over_time"):
            if all(map(_is_metric, selectors(node))):
                yield node
        elif found := condition(node):
            todo.append(found[0])


def _is_metric(selector: Selector) -> bool:
    """Whether it names a metric; `{job="x"}` alone is LogQL, of logs that nobody scrapes."""
    return selector.name is not None or any(matcher.label == "__name__" for matcher in selector.matchers)


def _window(call: Call) -> timedelta:
    arg = bare(call.args[0])
    return timedelta(milliseconds=arg.range) if isinstance(arg, Range | Subquery) else timedelta(0)


RULE = Rule(
    AlertingRule,
    check,
    {"A004": Level.WARNING},
    peers=("pint alerts/absent",),
    words=("absent",),
    advice=frozenset(("A004",)),
)
