"""A panel of a type that new versions of Grafana no longer have.

Types that are built on AngularJS are gone since Grafana 12. Of some Grafana makes new ones when it loads a dashboard,
and what they look like then nobody has seen. Each type is reported once.

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

from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.dashboards import Dashboard, Panel
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


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    if facts.pinned.get("grafana", _SINCE) < _SINCE:
        return
    found: dict[str, list[list[Panel]]] = defaultdict(list)
    for dashboard in corpus.dashboards:
        if not _is_old(dashboard):
            for kind, panels in _of_past(dashboard).items():
                found[kind].append(panels)
    for kind, boards in found.items():
        first, count = boards[0][0], sum(map(len, boards))
        where = f" of {len(boards)} dashboards" if len(boards) > 1 else ""
        times = f" ({count} panels{where} are)" if count > 1 else ""
        message = f"Grafana 12 has no type {kind} any more: use {_NOW[kind]}{times}"
        yield Finding("D036", message, keys=("type",), origin=first.origin)


def _of_past(dashboard: Dashboard) -> Mapping[str, list[Panel]]:
    """Its panels that are to be of another type, by their type."""
    found: dict[str, list[Panel]] = defaultdict(list)
    for panel in dashboard.panels:
        if panel.kind in _NOW and not _is_of_values(panel):
            found[panel.kind].append(panel)
    return found


def _is_old(dashboard: Dashboard) -> bool:
    """Whether it was last written by a Grafana that has not what is to be used instead."""
    version = dashboard.value.get("schemaVersion")
    return isinstance(version, int) and version < _SCHEMA


def _is_of_values(panel: Panel) -> bool:
    """Whether it shows one bar for each series or bucket, which something else does now."""
    axis = panel.value.get("xaxis")
    return panel.kind == "graph" and isinstance(axis, dict) and axis.get("mode", "time") not in ("time", None)


RULE = Rule(Corpus, check, {"D036": Level.NOTE})
