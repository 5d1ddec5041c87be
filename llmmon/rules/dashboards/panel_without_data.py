"""A panel that asks for nothing, or shows nothing of what it asks.

It is empty for ever: without a query, with all its queries hidden, or as a copy of a panel that is not there.

Bad:

    {type: timeseries, title: A, targets: []}

    {type: stat, title: A, targets: [{expr: up, hide: true}]}

    {panels: [{id: 1, type: table, title: A, datasource: {type: datasource, uid: '-- Dashboard --'},
     targets: [{panelId: 7}]}]}

Good:

    {type: timeseries, title: A, targets: [{expr: up}]}

    {type: stat, title: A, targets: [{refId: A, expr: up, hide: true}, {refId: B, expr: sum(up)}]}

    {type: text, title: A}

    {title: A, libraryPanel: {uid: x, name: y}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard, at
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Panel
    from llmmon.rule import Facts

_ASKING = frozenset(
    (
        *(
            "timeseries",
            "graph",
            "stat",
            "singlestat",
            "gauge",
            "bargauge",
            "table",
            "table-old",
            "heatmap",
            "histogram",
        ),
        *("barchart", "piechart", "state-timeline", "status-history", "logs", "trend"),
    )
)

_BUILT_IN = ("grafana", "-- Grafana --")


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    numbers = {panel.value.get("id") for panel in dashboard.panels if isinstance(panel.value.get("id"), int)}
    for panel in dashboard.panels:
        if panel.kind in _ASKING and not _is_elsewhere(panel):
            yield from _empty(panel)
        for keys, target in panel.targets:
            copied = target.get("panelId")
            if isinstance(copied, int) and copied not in numbers and "expr" not in target:
                message = f"it shows the data of panel {copied}, which this dashboard does not have: name another id"
                yield Finding("D024", message, origin=panel.origin.at(*keys, "panelId"))


def _empty(panel: Panel) -> Iterator[Finding]:
    if not panel.targets:
        yield Finding("D022", f"the panel {panel.title!r} asks for nothing: add a query", origin=panel.origin)
    elif all(target.get("hide") is True for _, target in panel.targets):
        message = f"all queries of the panel {panel.title!r} are hidden: show one of them"
        yield Finding("D023", message, origin=panel.origin.at("targets"))


def _is_elsewhere(panel: Panel) -> bool:
    """Whether what it shows comes from a library, from a snapshot, or is what stands for no value."""
    shown = at(panel.value, "fieldConfig", "defaults", "noValue")
    if at(panel.value, "datasource", "uid") in _BUILT_IN or panel.value.get("datasource") in _BUILT_IN:
        return True  # which shows something unasked
    return bool(panel.value.get("libraryPanel") or panel.value.get("snapshotData") or shown)


RULE = Rule(
    Dashboard,
    check,
    {"D022": Level.WARNING, "D023": Level.WARNING, "D024": Level.WARNING},
    advice=frozenset(("D022",)),
    peers=("dashboard-linter panel-no-targets-rule", "dashboard-linter target-promql-rule", "mixtool"),
)
