"""A query that asks one data source by its uid or its name.

Another Grafana has another uid for it, and all that it shows is "data source not found". A variable, what an import
fills in, and the default are found everywhere. Each data source is reported once for a dashboard, and only as a note
where all queries of its kind ask the same one, which may be given that uid wherever the dashboard is deployed.

Bad:

    {datasource: {type: prometheus, uid: PBFA97CFB590B2093}, targets: [{expr: up}]}

    {datasource: Prometheus, targets: [{expr: up}]}

Good:

    {datasource: {type: prometheus, uid: '${datasource}'}, targets: [{expr: up}]}

    {datasource: {type: datasource, uid: '-- Mixed --'}, targets: [{expr: up}]}

    {targets: [{expr: up}]}
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from llmmon.documents.dashboards import Dashboard, at, maps
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_OWN = ("grafana", "default", "__expr__", "-100")
_USUAL = ("prometheus", "loki", "tempo", "alertmanager")  # as those call it who install it together with Grafana


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    found: dict[str, list[Origin]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    for source, origin in _sources(dashboard):
        kind = source.get("type") if isinstance(source, dict) else None
        name = source.get("uid") if isinstance(source, dict) else source
        if isinstance(name, str) and kind not in ("datasource", "grafana", "mixed"):
            if not (name in _OWN or name.startswith("--")):
                names[str(kind)].add(name)
            if _is_one(name):
                found[name].append(origin)
    chosen = any(variable.kind == "datasource" for variable in dashboard.variables)
    for name, origins in found.items():
        times = f", and so do {len(origins) - 1} others" if len(origins) > 1 else ""
        message = (
            f"it asks the data source {name!r}, which only one Grafana has{times}: write ${{datasource}}, a variable"
        )
        alone = all(len(those) == 1 for those in names.values() if name in those)
        level = Level.NOTE if alone and not chosen else None  # whoever deploys it may give it that uid everywhere
        yield Finding("D009", message, origin=origins[0], level=level)


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
