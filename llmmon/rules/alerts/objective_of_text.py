"""An alert that says one objective, and computes with another.

Burn-rate alerts compare with the error budget of an objective, `14.4 * (1 - 0.999)`. Who copies such a rule changes the
number in one place, and the text in another, or one of the two windows: the alert then speaks of an objective that it
does not guard.

Bad:

    expr: job:errors:ratio_rate1h > (14.4 * (1 - 0.995)) and job:errors:ratio_rate5m > (14.4 * (1 - 0.995))
    annotations: {summary: "Burns the budget of the 99.9% objective"}

    expr: job:errors:ratio_rate1h > (14.4 * (1 - 0.999)) and job:errors:ratio_rate5m > (14.4 * (1 - 0.99))

Good:

    expr: job:errors:ratio_rate1h > (14.4 * (1 - 0.999)) and job:errors:ratio_rate5m > (14.4 * (1 - 0.999))
    annotations: {summary: "Burns the budget of the 99.9% objective"}

    expr: job:errors:ratio_rate5m > 0.05
    annotations: {summary: "More than 5% of requests fail, our SLO is 99.9%"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Binary, walk
from llmmon.promql.fold import bare, constant
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys, Span
    from llmmon.promql import Expr
    from llmmon.rule import Facts

_WORD = r"(?:SLO|[Oo]bjective|[Tt]arget)\b"
_PERCENT = r"(?<![\d.])([5-9]\d(?:\.\d+)?)\s?%"
_SAID = lazily.pattern(rf"{_WORD}[^\d%{{}}\n]{{0,30}}?{_PERCENT}|{_PERCENT}\s+(?:\w+\s+)?{_WORD}")
_LABEL = lazily.pattern(r"[5-9]\d(?:\.\d+)?%?\Z")
_LABELS = ("objective", "slo", "slo_objective", "slo_target")
_ACTION = lazily.pattern(r"\{\{.*?\}\}")
_LEAST = 0.5  # of an objective
_LONGEST = 20_000  # what is longer would take the square of its length
_SAME = 1e-9


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if rule.expression is None or "1 - 0." not in rule.expression.text.replace("1-", "1 - "):
        return
    computed = _objectives(rule.expression.expr)
    if not computed:
        return
    yield from _two(rule)
    said = list(_said(rule.annotations, rule.labels))
    if said and not any(_is_one(value, computed) for value, _, _ in said):
        value, keys, span = said[0]
        known = " and ".join(f"{one * 100:.10g}%" for one in sorted(computed))
        message = f"this says {value * 100:.10g}%, and the expression computes with {known}: write the same"
        yield Finding("X010", message, span, keys)


def _two(rule: AlertingRule) -> Iterator[Finding]:
    """Two windows of one alert that have not the same objective."""
    assert rule.expression
    for part in rule.expression.of(Binary):
        if part.op == "and":
            one, other = _objectives(part.lhs), _objectives(part.rhs)
            if len(one) == len(other) == 1 and not _is_one(min(one), other):
                first, second = min(one) * 100, min(other) * 100
                message = f"one side has the objective {first:.10g}%, the other {second:.10g}%: write the same"
                yield Finding("X010", message, part.span, ("expr",))


def _objectives(expr: Expr) -> set[float]:
    """Every `x` of `1 - x` that may be one."""
    found = (
        constant(bare(part.rhs))
        for part in walk(expr)
        if isinstance(part, Binary) and part.op == "-" and constant(bare(part.lhs)) == 1
    )
    return {value for value in found if value is not None and _LEAST <= value < 1}


def _said(annotations: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[tuple[float, Keys, Span]]:
    for name, text in annotations.items():
        if len(text) > _LONGEST:
            continue
        plain = _ACTION.sub(lambda action: "{" * len(action[0]), text) if "{{" in text else text
        for found in _SAID.finditer(plain):
            number = 1 if found[1] else 2
            yield float(found[number]) / 100, ("annotations", name), found.span(number)
    for name in _LABELS:
        if _LABEL.match(text := labels.get(name, "")):
            yield float(text.rstrip("%")) / 100, ("labels", name), (0, len(text))


def _is_one(value: float, objectives: set[float]) -> bool:
    return any(abs(value - one) < _SAME for one in objectives)


RULE = Rule(AlertingRule, check, {"X010": Level.WARNING}, advice=frozenset(("X010",)))
