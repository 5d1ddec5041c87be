"""A query that asks one data source by its uid or its name.

Another Grafana has another uid for it, and all that it shows is "data source not found". A variable, what an import
fills in, and the default are found everywhere. Where the dashboard has a variable for its data source, whoever chooses
another one there still sees the old one in such a panel. Without a variable only a uid that a Grafana has made up is
reported, as a note: any other may be given to the data source wherever the dashboard is deployed. What the run
provisions is known. Each data source is reported once for a dashboard.

Bad:

    {templating: {list: [{name: datasource, type: datasource, query: prometheus}]},
     panels: [{datasource: Prometheus, targets: [{expr: up}]}]}

    {datasource: {type: prometheus, uid: Zk3_rGx7z}, targets: [{expr: up}]}

Good:

    {datasource: {type: prometheus, uid: metrics}, targets: [{expr: up}]}

    {datasource: {type: prometheus, uid: '${datasource}'}, targets: [{expr: up}]}

    {datasource: {type: datasource, uid: '-- Mixed --'}, targets: [{expr: up}]}

    {targets: [{expr: up}]}
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from llmmon.documents.dashboards import Dashboard, at, maps
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Variable
    from llmmon.problem import Origin
    from llmmon.rule import Facts

_OWN = ("grafana", "default", "__expr__", "-100")
# What Grafana makes up: 9 or 14 letters and digits, a UUID, or in the past a number.
_MADE = re.compile(
    r"[0-9]{6,}|(?=.*[0-9])(?=.*[A-Z])[\w-]{9}|(?=.*[0-9])[a-z][a-z0-9]{13}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
).fullmatch
_USUAL = ("prometheus", "loki", "tempo", "alertmanager")  # as those call it who install it together with Grafana


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    found: dict[tuple[str, str | None], list[Origin]] = defaultdict(list)
    for source, origin in _sources(dashboard):
        kind = source.get("type") if isinstance(source, dict) else None
        name = source.get("uid") if isinstance(source, dict) else source
        if isinstance(name, str) and kind not in ("datasource", "grafana", "mixed") and _is_one(name):
            variable = next((one.name for one in dashboard.variables if _chooses(one, kind)), None)
            found[name, variable].append(origin)
    for (name, variable), origins in found.items():
        if name not in facts.sources and (variable or _MADE(name)):
            others = len(origins) - 1
            times = f", and so {'do' if others > 1 else 'does'} {others} other{'s' * (others > 1)}" if others else ""
            instead = f"whatever ${variable} is" if variable else "a uid that only one Grafana has"
            advice = f"write ${{{variable or 'datasource'}}}{'' if variable else ', a variable'}"
            message = f"it asks the data source {name!r}, {instead}{times}: {advice}"
            yield Finding("D009", message, origin=origins[0], level=None if variable else Level.NOTE)


def _chooses(variable: Variable, kind: Any) -> bool:
    """Whether it is a variable for data sources of this kind."""
    return variable.kind == "datasource" and (kind is None or variable.query in ("", kind))


def _sources(dashboard: Dashboard) -> Iterator[tuple[Any, Origin]]:
    for panel in dashboard.panels:
        if panel.targets:  # a list of alerts asks nothing
            yield panel.value.get("datasource"), panel.origin.at("datasource")
            for keys, target in panel.targets:
                yield target.get("datasource"), panel.origin.at(*keys, "datasource")
    for variable in dashboard.variables:
        yield variable.value.get("datasource"), variable.origin.at("datasource")
    for keys, annotation in maps(at(dashboard.value, "annotations", "list"), ("annotations", "list")):
        yield annotation.get("datasource"), dashboard.origin.at(*keys, "datasource")


def _is_one(name: str) -> bool:
    """Whether it is one data source, not a variable and none of Grafana's own."""
    return bool(name) and name not in (*_OWN, *_USUAL) and not name.startswith(("$", "--", "[[")) and "${" not in name


RULE = Rule(Dashboard, check, {"D009": Level.WARNING}, peers=("dashboard-linter panel-datasource-rule", "mixtool"))
