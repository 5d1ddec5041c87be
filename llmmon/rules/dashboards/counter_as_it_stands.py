"""What is named as a counter, without a rate.

The value of a counter says how long its process has been running. A name that ends in `_total` promises a counter, and
most that have it are some; a schema knows it, and the rule raw-counter asks that.

Bad:

    app_requests_total{job="a"}

    sum by (job) (app_requests_total)

Good:

    rate(app_requests_total{job="a"}[$__rate_interval])

    count(app_requests_total)

    resets(app_requests_total[1h])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Query
from llmmon.problem import Level
from llmmon.promql.fold import raw
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    if query.use != "panel" or "_total" not in query.text:
        return
    for reading in query.readings.parsed[:1]:
        for selector in raw(reading.expr):
            name = selector.name or ""
            if name.endswith("_total") and facts.series(name).type in (None, "counter"):
                message = f"{name} only ever rises: write rate({name}[$__rate_interval])"
                yield Finding("D030", message, reading.written.home(selector.span))


RULE = Rule(
    Query,
    check,
    {"D030": Level.NOTE},
    peers=("dashboard-linter target-counter-agg-rule", "mixtool"),
    default=False,
)
