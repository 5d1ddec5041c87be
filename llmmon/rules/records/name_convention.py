"""A recorded series whose name does not say level, metric and operation.

`job:http_requests:rate5m`: what is left of the labels, what it was made of, what was done to it. Whoever reads the name
then knows how to use the series.

Bad:

    record: http_error_rate
    expr: sum by (job) (rate(http_errors_total[5m]))

    record: job:http_errors
    expr: sum by (job) (rate(http_errors_total[5m]))

Good:

    record: job:http_errors:rate5m
    expr: sum by (job) (rate(http_errors_total[5m]))

    record: :http_errors:rate5m
    expr: sum(rate(http_errors_total[5m]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, RecordingRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(rule: RecordingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    parts = rule.name.split(":")
    if len(parts) != 3 or not all(parts[1:]):
        message = f"{rule.name} does not say level, metric and operation: write it like job:http_requests:rate5m"
        yield Finding("R023", message, keys=("record",))


RULE = Rule(
    RecordingRule,
    check,
    {"R023": Level.NOTE},
    peers=("cortextool rules check", "promruval nameMatchesRegexp"),
    default=False,
)
