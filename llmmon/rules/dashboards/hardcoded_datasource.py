"""A query that asks one data source by its uid or its name, where the dashboard lets its reader choose.

Whoever chooses another data source still sees the old one on this panel, and in another Grafana "data source not
found". Each data source is reported once for a dashboard. Grafana asks the data source of the panel whatever its
queries name, unless that is the mixed one.

Bad:

    {templating: {list: [{name: ds, type: datasource, query: prometheus}]}, panels: [
     {type: stat, title: A, datasource: {type: prometheus, uid: abc}, targets: [{expr: up}]}]}

Good:

    {datasource: {type: prometheus, uid: '${datasource}'}, targets: [{expr: up}]}

    {datasource: {type: prometheus, uid: abc}, targets: [{expr: up}]}

    {datasource: {type: datasource, uid: '-- Mixed --'}, targets: [{expr: up}]}
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from llmmon.documents.asked import is_one, sources
from llmmon.documents.dashboards import Dashboard
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    chosen = {variable.query: variable.name for variable in dashboard.variables if variable.kind == "datasource"}
    found: dict[tuple[str, str], list[Origin]] = defaultdict(list)
    for kind, name, origin in sources(dashboard) if chosen else ():
        if kind in chosen and is_one(name):
            found[kind, name].append(origin)
    several = {kind for kind, name in found if sum(kind == other for other, _ in found) > 1}  # compared on purpose
    for (kind, name), origins in found.items():
        if kind not in several:
            times = f", and so do {len(origins) - 1} others" if len(origins) > 1 else ""
            message = f"it asks the data source {name!r}, whatever the reader chooses{times}: write ${{{chosen[kind]}}}"
            yield Finding("D009", message, origin=origins[0])


RULE = Rule(Dashboard, check, {"D009": Level.WARNING}, peers=("dashboard-linter panel-datasource-rule", "mixtool"))
