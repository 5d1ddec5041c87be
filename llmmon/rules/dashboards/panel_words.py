"""A panel without a title, or without a description.

At three in the morning nobody remembers what a line means, and whether it should rise.

Bad:

    {type: stat, title: '', description: The last minute., targets: [{expr: up}]}

    {type: timeseries, title: Requests, targets: [{expr: up}]}

Good:

    {type: stat, title: Requests, description: 'Per second, from all clients.', targets: [{expr: up}]}

    {type: text, title: ''}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Panel
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_SHOWING = ("stat", "singlestat", "graph", "table", "timeseries", "gauge", "bargauge", "heatmap", "histogram")


def check(panel: Panel, facts: Facts) -> Iterator[Finding]:
    del facts
    if panel.kind not in _SHOWING:
        return
    for key, advice in (("title", "say what it shows"), ("description", "say what it means, and what is bad")):
        if not panel.value.get(key):
            name = f"the panel {panel.title!r}" if panel.title else f"a panel of the type {panel.kind}"
            keys = (key,) if key in panel.value else ()
            yield Finding("D018", f"{name} has no {key}: {advice}", keys=keys)


RULE = Rule(
    Panel,
    check,
    {"D018": Level.NOTE},
    peers=("dashboard-linter panel-title-description-rule", "mixtool"),
    default=False,
)
