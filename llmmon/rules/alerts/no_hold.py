"""An alert that fires at the first evaluation, on a value that flickers.

Without `for:` one scrape that goes wrong, or one slow minute, is a notification. What looks back over half an hour or
more, an absence, a forecast and an event that happens once need none.

Bad:

    expr: job:latency_seconds:p95_rate5m > 0.1
    for: 0s

    expr: app_queue_length > 100

Good:

    expr: job:latency_seconds:p95_rate5m > 0.1
    for: 5m

    expr: increase(app_restarts_total[1h]) > 3

    expr: changes(app_config_hash[5m]) > 0

    expr: app_config_last_reload_successful == 0

    expr: vector(1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Call, walk
from llmmon.promql.fold import bare, condition, longest
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_STEADY = 30 * 60_000
_EVENTS = frozenset(("absent", "absent_over_time", "changes", "increase", "predict_linear", "resets"))


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if rule.hold or rule.expression is None or rule.labels.get("severity") in ("info", "none", "page-test"):
        return
    found = condition(rule.expression.expr)
    if found is None or found[1] in ("==", "!=") or bare(found[0]) is None:
        return
    expr = rule.expression.expr
    calls = {node.func for node in walk(expr) if isinstance(node, Call)}
    if calls & _EVENTS or longest(expr) >= _STEADY or "time" in calls:
        return
    message = "this fires at the first evaluation, on one bad value: write for: 5m"
    yield Finding("A007", message, keys=("for",))


RULE = Rule(AlertingRule, check, {"A007": Level.WARNING})
