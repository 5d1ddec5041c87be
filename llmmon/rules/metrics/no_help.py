"""A metric without a help text.

The help is what a person sees who searches for a metric, and often all that says what it counts.

Bad:

    # TYPE app_requests_total counter
    app_requests_total 1

Good:

    # HELP app_requests_total Requests that were answered.
    # TYPE app_requests_total counter
    app_requests_total 1

    app_requests_total: counter
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, MetricDeclaration, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(metric: MetricDeclaration, facts: Facts) -> Iterator[Finding]:
    del facts
    if metric.help is None:
        yield Finding("M001", f"{metric.name} has no help text: write # HELP {metric.name} and what it is")


RULE = Rule(MetricDeclaration, check, {"M001": Level.WARNING}, peers=("promtool check metrics",))
