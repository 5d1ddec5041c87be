"""An alert that fires at the first evaluation, on a value that flickers.

Without `for:` one scrape that goes wrong, or one slow minute, is a notification. Rates, latencies and CPU flicker;
what looks back over a quarter of an hour or more, an absence, a forecast, a state and an event that happens once need
no hold. One sum over another is wrong for a moment whenever some of the series are new: after a restart, or behind a
deployment. Who writes `for: 0s` means it, unless the value is a percentile, which one slow request moves.

Bad:

    expr: job:latency_seconds:p95_rate5m > 0.1
    for: 0s

    expr: sum(rate(app_errors_total[5m])) > 3

    expr: sum(app_memory_bytes) / sum(app_memory_limit_bytes) > 0.9

Good:

    expr: job:latency_seconds:p95_rate5m > 0.1
    for: 5m

    expr: increase(app_restarts_total[1h]) > 3

    expr: changes(app_config_hash[5m]) > 0

    expr: app_config_last_reload_successful == 0

    expr: app_replicas_down > 0

    expr: vector(1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, walk
from llmmon.promql.fold import bare, longest, selectors
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_SMOOTH = 5 * 60_000  # what is a mean of that is no single value
_STEADY = 15 * 60_000
_EVENTS = frozenset(("absent", "absent_over_time", "changes", "increase", "predict_linear", "resets", "time"))
_FLICKER = frozenset(("rate", "irate", "deriv", "histogram_quantile"))
_ABOUT = ("_info", "_metadata")  # joined for its labels
_STATE = lazily.pattern(
    r"_last_|_max(?:_[a-z]+)?\Z|(?:^|_)up\Z|expir|lifetime|valid(?:ity|_)"
)  # stays until the next one; went up and down; goes only down
_FLICKERING = lazily.pattern(r"latency|response_time|(?:^|[_:])p\d\d|:rate\d|cpu")
_PERCENTILE = lazily.pattern(r"(?:^|[_:])p\d\d")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if rule.hold or "for" in rule.unread or rule.expression is None or rule.labels.get("severity") in ("info", "none"):
        return
    found = rule.expression.compared
    if found is None or found[1] in ("==", "!=") or not found[2]:
        return
    expr = rule.expression.expr
    calls = {node.func for node in walk(expr) if isinstance(node, Call)}
    if calls & _EVENTS or longest(expr) >= _STEADY:
        return
    names = [selector.name or "" for selector in selectors(expr) if not (selector.name or "").endswith(_ABOUT)]
    if names and all(_STATE.search(name) for name in names):
        return
    if calls & _FLICKER or any(map(_FLICKERING.search, names)):
        smooth = longest(expr) >= _SMOOTH
        if rule.hold is not None and (smooth or not any(map(_PERCENTILE.search, names))):
            return
        value = "" if smooth else ", on one bad value"
        yield Finding("A007", f"this fires at the first evaluation{value}: write for: 5m", keys=("for",))
    elif rule.hold is None and (node := _of_sums(found[0])) is not None:
        message = "after a restart some of these series are there before the others: write for: 5m"
        yield Finding("A006", message, node.span, ("expr",))


def _of_sums(expr: Expr) -> Binary | None:
    """One aggregation over another, of other series: of the same ones those that are not there are on neither side."""
    for node in walk(expr):
        if isinstance(node, Binary) and node.op == "/":
            sides = [bare(node.lhs), bare(node.rhs)]
            summed = all(isinstance(side, Aggregate) and side.op in ("sum", "avg", "count") for side in sides)
            if summed and not {one.name for one in selectors(node.lhs)} & {one.name for one in selectors(node.rhs)}:
                return node
    return None


RULE = Rule(
    AlertingRule,
    check,
    {"A007": Level.WARNING, "A006": Level.NOTE},
    peers=("pint promql/fragile",),
    advice=frozenset(("A007", "A006")),
)
