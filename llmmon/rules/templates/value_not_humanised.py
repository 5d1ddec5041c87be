"""A rate that is printed with all of its digits.

The value of `rate`, `irate` or `deriv` is hardly ever a round number: `{{ $value }}` prints 0.03333333333333333 in a
text that somebody reads in a hurry.

Bad:

    expr: rate(app_errors_total[5m]) > 1
    annotations: {summary: "{{ $value }} errors a second"}

    expr: sum by (job) (irate(app_errors_total[5m])) > 1
    annotations: {summary: "{{ .Value }} errors a second"}

Good:

    expr: rate(app_errors_total[5m]) > 1
    annotations: {summary: "{{ $value | humanize }} errors a second"}

    expr: sum by (job) (irate(app_errors_total[5m])) > 1
    annotations: {summary: '{{ printf "%.2f" .Value }} errors a second'}

    expr: app_queue_length > 5
    annotations: {summary: "{{ $value }} wait"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.gotemplate import Template, prints
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call
from llmmon.promql.fold import bare
from llmmon.promql.types import COMPARISONS
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_LONG = frozenset(("rate", "irate", "deriv"))
_KEEPING = frozenset(("sum", "avg", "min", "max", "topk", "bottomk", "quantile"))


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None or (function := _function(rule.expression.expr)) is None:
        return
    for written in templates.of(rule, facts):
        if written.keys[0] == "annotations" and isinstance(written.found, Template):
            actions = (action.commands for action in prints(written.found) if len(action.commands) == 1)
            for operand in (first for ((first, *more),) in actions if not more and templates.is_value(first)):
                message = f"the value of {function} has many digits: write {operand.text} | humanize"
                edits = (Edit(f"{operand.text} | humanize", operand.span, written.keys),)
                yield Finding("T007", message, operand.span, written.keys, edits=edits)


def _function(expr: Expr) -> str | None:
    """The function whose value is the alert's."""
    while True:
        expr = bare(expr)
        if isinstance(expr, Binary) and expr.op in COMPARISONS and not expr.bool:
            expr = expr.lhs
        elif isinstance(expr, Aggregate) and expr.op in _KEEPING:
            expr = expr.expr
        else:
            return expr.func if isinstance(expr, Call) and expr.func in _LONG else None


RULE = Rule(AlertingRule, check, {"T007": Level.NOTE}, peers=("pint alerts/template",), default=False)
