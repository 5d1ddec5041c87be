"""A ratio that is printed with a percent sign.

A value between 0 and 1 with `%` behind it reads as a hundredth of what it is: "0.90%".

Bad:

    expr: app_health_check_success_ratio < 0.95
    annotations:
      description: 'Success rate is {{ $value | printf "%.2f" }}%'

Good:

    expr: app_health_check_success_ratio < 0.95
    annotations:
      description: "Success rate is {{ $value | humanizePercentage }}"

    expr: app_health_check_success_ratio * 100 < 95
    annotations:
      description: 'Success rate is {{ $value | printf "%.2f" }}%'

    expr: app_errors_percent > 5
    annotations:
      description: "{{ $value }}% of requests fail"
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql.fold import condition
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_PERCENT = re.compile(r"\{\{-?\s*(?:printf\s+\S+\s+\$value|\$value)\s*(?:\|\s*(?:printf\s+\S+|humanize)\s*)?-?\}\}\s?%")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if rule.expression is None or not _is_ratio(rule):
        return
    for name, text in rule.annotations.items():
        for found in _PERCENT.finditer(text):
            message = "the value is between 0 and 1, and not in percent: write {{ $value | humanizePercentage }}"
            yield Finding("T012", message, found.span(), ("annotations", name))


def _is_ratio(rule: AlertingRule) -> bool:
    assert rule.expression
    if rule.expression.unit is not None:
        return rule.expression.unit == "ratio"
    found = condition(rule.expression.expr)
    return found is not None and 0 < abs(found[2]) <= 1


RULE = Rule(AlertingRule, check, {"T012": Level.WARNING})
