"""A metric whose name says another type than it has.

`_total` is how everybody, and many a tool, knows a counter from a gauge. Where a name and a type do not fit together,
one of them is a mistake; the type decides what the generator does with it.

Bad:

    app_cost_usd: counter

    app_active_sessions_total: gauge

Good:

    app_cost_usd_total: counter

    app_active_sessions: gauge

    app_seconds: histogram
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, MetricDeclaration, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_ADVICE = "correct the type, or the name; if neither is yours to mend, write misnamed: true"


def check(metric: MetricDeclaration, facts: Facts) -> Iterator[Finding]:
    del facts
    if metric.misnamed:
        return
    if metric.type == "counter" and not metric.name.endswith("_total"):
        message = f"{metric.name} is a counter without _total: {_ADVICE}"
        yield Finding("M003", message)
    elif metric.type not in ("counter", None) and metric.name.endswith("_total"):
        message = f"{metric.name} is a {metric.type} named _total: {_ADVICE}"
        yield Finding("M004", message)
    if metric.type not in ("gauge", None) and metric.name.endswith("_timestamp_seconds"):
        message = f"{metric.name} is a {metric.type}, and a time of the clock is a gauge: correct the type, or the name"
        yield Finding("M005", message)


RULE = Rule(
    MetricDeclaration,
    check,
    {"M003": Level.WARNING, "M004": Level.WARNING, "M005": Level.WARNING},
    peers=("promtool check metrics",),
)
