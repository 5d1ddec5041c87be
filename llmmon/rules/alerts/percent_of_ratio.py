"""A ratio that is printed with a percent sign, or a percentage that is made one once more.

A value between 0 and 1 with `%` behind it reads as a hundredth of what it is: "0.90%". `humanizePercentage` multiplies
by 100, so a value in percent reads as a hundred times what it is: "9000%". A ratio is what is called so, and one count
or size over another.

Bad:

    expr: app_health_check_success_ratio < 0.95
    annotations:
      description: 'Success rate is {{ $value | printf "%.2f" }}%'

    expr: 100 * app_health_check_success_ratio < 95
    annotations:
      description: "Success rate is {{ $value | humanizePercentage }}"

Good:

    expr: app_health_check_success_ratio < 0.95
    annotations:
      description: "Success rate is {{ $value | humanizePercentage }}"

    expr: app_health_check_success_ratio * 100 < 95
    annotations:
      description: 'Success rate is {{ $value | printf "%.2f" }}%'

    expr: rate(app_errors_total[5m]) > 0.1
    annotations:
      description: "{{ $value | humanize }}%"

    expr: app_errors_percent > 5
    annotations:
      description: "{{ $value }}% of requests fail"
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Binary, Call, Number, Selector, walk
from llmmon.promql.fold import RATES, bare, constant, selectors
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_SINCE = (2, 11)  # of humanizePercentage
_RATIO = re.compile(r"(?:^|[_:])ratio(?:\Z|[_:])").search
_UNIT = re.compile(r"bytes|milliseconds|seconds|usd|_sum").search
_COUNTS = ("_count", "_bucket")  # of events, whatever is measured
_OF_HUNDRED = re.compile(r"percent|pct").search
_TWICE = re.compile(r"\{\{-?\s*\$value\s*\|\s*(?P<function>humanizePercentage)\s*-?\}\}")
_PERCENT = re.compile(r"\{\{-?\s*(?:printf\s+\S+\s+\$value|\$value)\s*(?:\|\s*(?:printf\s+\S+|humanize)\s*)?-?\}\}\s?%")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None or not any("{{" in text for text in rule.annotations.values()):
        return
    of_hundred = _is_percent(rule)
    if not of_hundred and not _is_ratio(rule):
        return
    pattern = _TWICE if of_hundred else _PERCENT
    for name, text in rule.annotations.items():
        for found in pattern.finditer(text):
            keys = ("annotations", name)
            if of_hundred:
                message = 'the value is in percent already: write {{ printf "%.1f" $value }}%'
                edits: tuple[Edit, ...] = (Edit('printf "%.1f%%"', found.span("function"), keys),)
            else:
                message = "the value is between 0 and 1, and not in percent: write {{ $value | humanizePercentage }}"
                edits = (Edit("{{ $value | humanizePercentage }}", found.span(), keys),)
                if facts.pinned.get("prometheus", _SINCE) < _SINCE:
                    message, edits = "the value is between 0 and 1, and not in percent: multiply it by 100 in expr", ()
            yield Finding("T012", message, found.span(), keys, edits=edits)


def _is_percent(rule: AlertingRule) -> bool:
    """Whether the value was multiplied by 100, and nothing else was done to it."""
    assert rule.expression
    found = rule.expression.compared
    value = bare(found[0]) if found else None
    if isinstance(value, Binary) and value.op == "/":  # 100 * a / b
        value = bare(value.lhs)
    return isinstance(value, Binary) and value.op == "*" and 100 in (constant(value.lhs), constant(value.rhs))


def _is_ratio(rule: AlertingRule) -> bool:
    assert rule.expression
    if rule.expression.unit is not None:
        return rule.expression.unit == "ratio"
    found = rule.expression.compared
    if found is None or not 0 < abs(found[2]) < 1:
        return False
    hundred = any(part.value == 100 for part in rule.expression.of(Number))
    if hundred or any(_OF_HUNDRED(part.name or "") for part in rule.expression.of(Selector)):
        return False
    value = bare(found[0])
    if isinstance(value, Binary) and value.op == "-" and constant(value.lhs) == 1:
        value = bare(value.rhs)
    if isinstance(value, Binary):
        above = _alike(value.lhs)
        return value.op == "/" and above is not None and above == _alike(value.rhs)
    return isinstance(value, Selector) and _RATIO(value.name or "") is not None


def _alike(side: Expr) -> tuple[set[str], bool] | None:
    """Of which units the series of a side are, and whether it is a rate; None where there are none."""
    names = [selector.name or "" for selector in selectors(side)]
    units = {"" if name.endswith(_COUNTS) or not (found := _UNIT(name)) else found[0] for name in names}
    return (units, any(isinstance(node, Call) and node.func in RATES for node in walk(side))) if units else None


RULE = Rule(AlertingRule, check, {"T012": Level.WARNING})
