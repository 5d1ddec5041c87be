"""A rate over `$__interval`, or over a time that does not follow the graph's.

`$__interval` may be shorter than two scrapes, so close up the graph has holes; `$__rate_interval` never is. A fixed
`[5m]` skips what happens between two points of a long graph; where one wants the same as an alert, it is right. So is
the `increase` of each step in bars.

Bad:

    rate(app_requests_total[$__interval])

    sum(irate(app_requests_total[${__interval}]))

Good:

    rate(app_requests_total[$__rate_interval])

    increase(app_requests_total[$__range])

    avg_over_time(app_queue_length[$__interval])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Query, at, text_of
from llmmon.problem import Level
from llmmon.promql.fold import RATES
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_WANTED = "$__rate_interval"
_OF_STEPS = ("barchart", "bargauge", "heatmap", "histogram", "state-timeline", "status-history")
_SHORT = ("$__interval", "${__interval}", "[[__interval]]")


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    if query.use != "panel" or "__interval" not in query.text or query.target.get("interval"):
        return
    if query.panel.get("interval") or query.dialect:  # VictoriaMetrics looks at the sample before the range
        return
    each = _shows_each(query)
    for reading in query.readings.parsed[:1]:
        for call, (start, end) in reading.ranges(RATES):
            text = query.text[start:end]
            inside = text.strip().removeprefix("[").removesuffix("]").strip()
            if inside in _SHORT and not (each and call.func == "increase"):
                at = start + text.index(inside)
                span = at + query.begin, at + len(inside) + query.begin
                message = f"{inside} may be shorter than two scrapes: write {call.func}(...[{_WANTED}])"
                if call.func == "increase":  # it may be meant to count each event once
                    message = f"{message}, or give the panel a minimal interval"
                level = Level.NOTE if call.func == "increase" else None
                yield Finding("D028", message, span, edits=(Edit(_WANTED, span),), level=level)


def _shows_each(query: Query) -> bool:
    """Whether a panel shows how much there was in each step, where a longer range counts some of it twice."""
    bars = (
        at(query.panel, "fieldConfig", "defaults", "custom", "drawStyle") == "bars" or query.panel.get("bars") is True
    )
    texts = (query.panel.get("title"), query.panel.get("description"), query.target.get("legendFormat"))
    return bars or query.panel.get("type") in _OF_STEPS or any("__interval" in text_of(text) for text in texts)


RULE = Rule(Query, check, {"D028": Level.WARNING}, peers=("dashboard-linter target-rate-interval-rule", "mixtool"))
