"""A mean or a sum that one series makes infinite, or no number at all.

Where one replica had no request, 0 / 0 is NaN, and the sum over all replicas is NaN with it: whatever the others say is
lost. Divide what is summed, or leave the divisors that are 0 out first. Where there is one series only, nothing else is
lost with it.

Bad:

    sum(rate(app_errors_total[5m]) / rate(app_requests_total[5m]))

    avg by (model) (app_queue_length % app_workers)

Good:

    sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))

    sum(rate(app_errors_total[5m]) / (rate(app_requests_total[5m]) > 0))

    avg(app_queue_length / clamp_min(app_workers, 1))

    max(app_queue_length / app_workers)

    sum(app_queue_length / app_workers > 0.5)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Selector, result_labels
from llmmon.promql.division import unsafe
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_MIXING = frozenset(("avg", "stddev", "stdvar", "sum"))


def check(node: Aggregate, facts: Facts) -> Iterator[Finding]:
    if node.op not in _MIXING:
        return
    found = unsafe(node.expr, lambda name: name in facts.recorded and facts.series(name).unsafe)
    if found is None or _is_one(node, facts):
        return
    if isinstance(found, Selector):
        message = f"{found.name} is recorded as a division by what may be 0: one such series makes this {node.op} NaN"
        yield Finding("Q041", message, found.span)
    else:
        message = f"where this divides by 0, the whole {node.op} is no number: write {found.op} (... > 0)"
        yield Finding("Q041", message, found.rhs.span)


def _is_one(node: Aggregate, facts: Facts) -> bool:
    """Whether what is aggregated has no labels, and thus is one series."""
    return result_labels(node.expr, lambda selector: facts.series(selector.name).labels).none


RULE = Rule(
    Aggregate,
    check,
    {"Q041": Level.NOTE},
    peers=("pint promql/nan",),
    names=frozenset(_MIXING),
    words=("/", "%", ":"),
)
