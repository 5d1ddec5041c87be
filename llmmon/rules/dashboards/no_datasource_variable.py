"""A dashboard whose queries ask one data source by its uid or its name, and whose reader cannot choose another.

Another Grafana has another uid for it, and all that it shows is "data source not found". A variable, what an import
fills in, and the default are found everywhere. Each data source is reported once for a dashboard. It is a matter of
how a dashboard is delivered: one that comes with its own Grafana finds the data source there.

Bad:

    {datasource: {type: prometheus, uid: P0F9E1A2B3C4D5E6F}, targets: [{expr: up}]}

    {datasource: Metrics, targets: [{expr: up}]}

Good:

    {datasource: {type: prometheus, uid: '${datasource}'}, targets: [{expr: up}]}

    {datasource: {type: datasource, uid: '-- Mixed --'}, targets: [{expr: up}]}

    {targets: [{expr: up}]}
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
    if any(variable.kind == "datasource" for variable in dashboard.variables):
        return
    found: dict[str, list[Origin]] = defaultdict(list)
    for _, name, origin in sources(dashboard):
        if is_one(name):
            found[name].append(origin)
    for name, origins in found.items():
        times = f", and so do {len(origins) - 1} others" if len(origins) > 1 else ""
        message = (
            f"it asks the data source {name!r}, which only one Grafana has{times}: write ${{datasource}}, a variable"
        )
        yield Finding("D037", message, origin=origins[0])


RULE = Rule(
    Dashboard,
    check,
    {"D037": Level.NOTE},
    peers=("dashboard-linter panel-datasource-rule", "mixtool"),
    default=False,
)
