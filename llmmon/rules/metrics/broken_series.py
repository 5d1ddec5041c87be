"""A series that is on its page twice, or a histogram that does not end.

Prometheus takes one of the two and drops the other. A histogram without a bucket up to `+Inf` has no quantiles.

Bad:

    # HELP app_size Size.
    # TYPE app_size gauge
    app_size{kind="a"} 1
    app_size{kind="a"} 2

    # HELP app_size Size.
    # TYPE app_size histogram
    app_size_bucket{le="10"} 1
    app_size_sum 1
    app_size_count 1

Good:

    # HELP app_size Size.
    # TYPE app_size gauge
    app_size{kind="a"} 1
    app_size{kind="b"} 2

    # HELP app_size Size.
    # TYPE app_size histogram
    app_size_bucket{le="+Inf"} 1
    app_size_sum 1
    app_size_count 1
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
    if metric.twice is not None:
        what = f"{metric.name}{{{metric.twice[:200]}}}" if metric.twice else metric.name
        yield Finding("M011", f"{what} is on this page twice: Prometheus keeps one of them; export it once")
    if not metric.endless:
        yield Finding("M015", f'{metric.name} has no bucket le="+Inf", so it has no quantiles: export that one too')


RULE = Rule(MetricDeclaration, check, {"M011": Level.WARNING, "M015": Level.WARNING}, peers=("promtool check metrics",))
