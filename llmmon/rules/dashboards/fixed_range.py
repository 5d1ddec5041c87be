"""A rate over a fixed time in a graph.

Over a week a point of the graph stands for half an hour: `rate(x[5m])` shows five minutes of it, and what happened in
the others is not there. `$__rate_interval` follows the graph. Where a panel has to show just what an alert looks at,
the fixed time is right: this is a matter of taste.

Bad:

    sum(rate(app_requests_total[5m]))

    irate(app_requests_total{job="a"}[1m])

Good:

    sum(rate(app_requests_total[$__rate_interval]))

    {targets: [{expr: 'rate(app_requests_total[5m])', instant: true}]}

    max_over_time(app_queue_length[5m])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Query
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_WANTED = "$__rate_interval"
_FIXED = lazily.pattern(r"\s*\[\s*([0-9][0-9a-z]*)\s*\]\s*\Z")


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    if query.use != "panel" or query.instant:
        return
    for reading in query.readings.parsed[:1]:
        for _, (start, end) in reading.ranges(("rate", "irate")):
            if fixed := _FIXED.match(query.text[start:end]):
                span = start + fixed.start(1), start + fixed.end(1)
                message = f"[{fixed[1]}] does not follow the graph: write [{_WANTED}]"
                yield Finding("D027", message, span, edits=(Edit(_WANTED, span),))


RULE = Rule(
    Query,
    check,
    {"D027": Level.NOTE},
    peers=("dashboard-linter target-rate-interval-rule", "mixtool"),
    default=False,
)
