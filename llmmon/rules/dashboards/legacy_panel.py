"""A panel of a type that new versions of Grafana no longer have.

Types that are built on AngularJS are gone since Grafana 12. Of some Grafana makes new ones when it loads a dashboard,
and what they look like then nobody has seen. Each type is reported once for a dashboard.

Bad:

    {type: graph, title: A, targets: [{expr: up}]}

    {type: grafana-piechart-panel, title: A, targets: [{expr: up}]}

Good:

    {type: timeseries, title: A, targets: [{expr: up}]}

    {type: piechart, title: A, targets: [{expr: up}]}
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard, Panel
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_NOW = {
    "graph": "timeseries",
    "singlestat": "stat",
    "grafana-singlestat-panel": "stat",
    "table-old": "table",
    "grafana-piechart-panel": "piechart",
    "grafana-worldmap-panel": "geomap",
    "natel-discrete-panel": "state-timeline",
    "vonage-status-panel": "stat",
    "flant-statusmap-panel": "status-history",
}

_SINCE = (11, 0)  # that no longer shows them as they were
_SCHEMA = 28  # after those of Grafana 7


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    if facts.pinned.get("grafana", _SINCE) < _SINCE or _is_old(dashboard):
        return
    found: dict[str, list[Panel]] = defaultdict(list)
    for panel in dashboard.panels:
        if panel.kind in _NOW and not _is_of_values(panel):
            found[panel.kind].append(panel)
    for kind, panels in found.items():
        times = f" ({len(panels)} panels are)" if len(panels) > 1 else ""
        message = f"Grafana 12 has no type {kind} any more: use {_NOW[kind]}{times}"
        yield Finding("D036", message, keys=("type",), origin=panels[0].origin)


def _is_old(dashboard: Dashboard) -> bool:
    """Whether it was last written by a Grafana that has not what is to be used instead."""
    version = dashboard.value.get("schemaVersion")
    return isinstance(version, int) and version < _SCHEMA


def _is_of_values(panel: Panel) -> bool:
    """Whether it shows one bar for each series or bucket, which something else does now."""
    axis = panel.value.get("xaxis")
    return panel.kind == "graph" and isinstance(axis, dict) and axis.get("mode", "time") not in ("time", None)


RULE = Rule(Dashboard, check, {"D036": Level.NOTE})
