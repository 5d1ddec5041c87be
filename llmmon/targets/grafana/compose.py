"""A dashboard of the plan becomes a grafanalib dashboard, and every panel remembers its line in the spec."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from grafanalib import core

from llmmon.classes import frozen
from llmmon.dump import notice
from llmmon.promql import Matcher, selector
from llmmon.targets.grafana.layout import PlacedRow, panel_id, placed
from llmmon.targets.grafana.panels import panel
from llmmon.targets.grafana.parts import Annotation
from llmmon.targets.grafana.variables import variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from llmmon.plan import Dashboard, Variable
    from llmmon.plan.fleet import Severity
    from llmmon.problem import Keys, Origin

SHARED_CROSSHAIR = 1
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
EVENTS: dict[Severity, str] = {"critical": "red", "warning": "orange", "info": "blue"}
BUILT_IN = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "type": "dashboard",
}


@frozen
class Composed:
    """A grafanalib dashboard, and where in the spec each part of its JSON was asked for."""

    dashboard: core.Dashboard
    origins: Mapping[Keys, Origin]


def compose(planned: Dashboard, severities: Mapping[Severity, str]) -> Composed:
    """The dashboard; `severities` are the label values of those that the service's alerts have."""
    origins: dict[Keys, Origin] = {(): planned.origin}
    panels: list[core.Panel] = []
    for place, number in zip(found := list(placed(planned.rows)), _row_ids(found), strict=True):
        for made, keys, origin in _row(place, number, len(panels), planned.origin):
            if len(keys) == 2:
                panels.append(made)
            origins[keys] = origin
    chosen = [variable for variable in planned.variables if variable.name != "datasource"]
    dashboard = core.Dashboard(
        title=planned.title,
        uid=planned.uid,
        description=_description(planned),
        tags=[tag for tag in dict.fromkeys(("llmmon", planned.service, planned.team)) if tag],
        editable=False,
        graphTooltip=SHARED_CROSSHAIR,
        timezone="browser",
        refresh=single_unit(planned.refresh),
        time=core.Time(start=f"now-{single_unit(planned.span)}", end="now"),
        templating=core.Templating(list=list(variables(chosen))),
        annotations=core.Annotations(list=[BUILT_IN, *_events(planned, severities)]),
        links=[
            *([_dropdown(planned.service, planned.service)] if planned.service else []),
            _dropdown("All dashboards"),
        ],
        panels=panels,
    )
    return Composed(dashboard, origins)


def single_unit(span: timedelta) -> str:
    """A duration in its largest whole unit, `90m`: Grafana does not read `1h30m`."""
    seconds = max(int(span.total_seconds()), 1)
    return next(f"{seconds // size}{unit}" for unit, size in SECONDS.items() if seconds % size == 0)


def _row(row: PlacedRow, number: int, first: int, fallback: Origin) -> Iterator[tuple[core.Panel, Keys, Origin]]:
    """The row's line and its panels, each with its keys in the JSON; those of a collapsed row stand inside it."""
    made = [panel(p, place, panel_id(p.key)) for p, place in zip(row.row.panels, row.places, strict=True)]
    origins = [p.origin for p in row.row.panels]
    if row.line is None:
        for index, (child, origin) in enumerate(zip(made, origins, strict=True)):
            yield child, ("panels", first + index), origin
        return
    inside = made if row.row.collapsed else []
    grid = core.GridPos(h=row.line.h, w=row.line.w, x=row.line.x, y=row.line.y)
    line = core.RowPanel(id=number, title=row.row.title, collapsed=row.row.collapsed, gridPos=grid, panels=inside)
    yield line, ("panels", first), origins[0] if origins else fallback
    for index, (child, origin) in enumerate(zip(made, origins, strict=True)):
        keys: Keys = ("panels", first, "panels", index) if row.row.collapsed else ("panels", first + 1 + index)
        yield child, keys, origin


def _row_ids(rows: list[PlacedRow]) -> Iterator[int]:
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.row.title] += 1
        yield panel_id(f"row/{row.row.title}/{seen[row.row.title]}")


def _description(planned: Dashboard) -> str:
    said = notice(planned.spec)
    return f"{planned.description}\n\n{said}" if planned.description else said


def _events(planned: Dashboard, severities: Mapping[Severity, str]) -> Iterator[Annotation]:
    environment = next((v for v in planned.variables if v.name == "environment"), None)
    for severity, color in EVENTS.items():
        if severity not in severities:
            continue
        matchers = [
            Matcher("alertstate", "=", "firing"),
            Matcher("service", "=", planned.service),
            Matcher("severity", "=", severities[severity]),
            *([_in_environment(environment)] if environment else []),
        ]
        yield Annotation(
            name=f"Firing: {severity}",
            color=color,
            expr=selector("ALERTS", matchers),
            title="{{alertname}}",
            text="{{severity}} for {{service}} in {{environment}}",
            tags="severity,category",
        )


def _in_environment(variable: Variable) -> Matcher:
    """Alerts carry the environment's name, which is the option's text where its value is something else."""
    if variable.multi:
        return Matcher("environment", "=~", "$environment")
    named = any(text != value for text, value in variable.options)
    return Matcher("environment", "=", "${environment:text}" if named else "$environment")


def _dropdown(title: str, *tags: str) -> core.DashboardLink:
    options: dict[str, Any] = {"asDropdown": True, "includeVars": True, "keepTime": True}
    return core.DashboardLink(title=title, tags=["llmmon", *tags], **options)
