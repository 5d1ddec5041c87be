"""A rate over `$__interval`, or over a time that does not follow the graph's.

`$__interval` may be shorter than two scrapes, so close up the graph has holes; `$__rate_interval` never is. A fixed
`[5m]` skips what happens between two points of a long graph; where one wants the same as an alert, it is right. So is
an `increase` over each step, which counts every event once.

Bad:

    rate(app_requests_total[$__interval])

    sum(irate(app_requests_total[${__interval}]))

Good:

    rate(app_requests_total[$__rate_interval])

    increase(app_requests_total[$__range])

    increase(app_requests_total[$__interval])

    avg_over_time(app_queue_length[$__interval])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Query
from llmmon.problem import Level
from llmmon.promql.fold import RATES
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_WANTED = "$__rate_interval"
_SHORT = ("$__interval", "${__interval}", "[[__interval]]")


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    if query.use != "panel" or "__interval" not in query.text or query.target.get("interval"):
        return
    if query.panel.get("interval") or query.dialect:  # VictoriaMetrics looks at the sample before the range
        return
    for reading in query.readings.parsed[:1]:
        for call, (start, end) in reading.ranges(RATES):
            text = query.text[start:end]
            inside = text.strip().removeprefix("[").removesuffix("]").strip()
            if inside in _SHORT and call.func != "increase":
                at = start + text.index(inside)
                span = at + query.begin, at + len(inside) + query.begin
                message = f"{inside} may be shorter than two scrapes: write {call.func}(...[{_WANTED}])"
                yield Finding("D028", message, span, edits=(Edit(_WANTED, span),))


RULE = Rule(Query, check, {"D028": Level.WARNING}, peers=("dashboard-linter target-rate-interval-rule", "mixtool"))
