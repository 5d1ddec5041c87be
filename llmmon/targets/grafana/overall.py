"""The fleet's dashboard of objectives: those of all services, with the least budget first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, unit
from llmmon.lower import text
from llmmon.plan import Dashboard, Panel, Query, Row, Threshold, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.dashboards import Kind

NAME = "all-objectives"
_HERE = 'environment="$environment"'
_LEGEND = "{{service}} {{slo}}"
_SPAN = timedelta(days=7)


def overall(fleet: Fleet) -> Dashboard | None:
    """None where no service has an objective."""
    if not any(service.objectives for service in fleet.watched):
        return None
    names = tuple((environment.name, environment.name) for environment in fleet.environments)
    return Dashboard(
        name=NAME,
        uid=text.uid(fleet.name, "all_objectives"),
        title=f"{fleet.name}: objectives",
        description="What every service promises, and how much of it is left to be missed.",
        service="",
        team="",
        spec=fleet.origin.document.path,
        refresh=timedelta(minutes=1),
        span=_SPAN,
        variables=(Variable("environment", "Environment", None, names),),
        rows=(Row("Objectives", tuple(_panels(fleet))),),
        origin=fleet.origin,
    )


def _panels(fleet: Fleet) -> Iterator[Panel]:
    windows = {objective.window for service in fleet.watched for objective in service.objectives}
    longest = "|".join(sorted(windows, key=lambda text: (duration.parse(text) or timedelta(0), text)))
    left = f'{{__name__=~"service(_.+)?:slo_budget_left_ratio:rate({longest})",{_HERE}}}'
    errors = f'{{__name__=~"service(_.+)?:slo_errors_ratio:rate1h",{_HERE}}}'
    target = f"service:slo_objective_ratio:target{{{_HERE}}}"
    same = "on (service, environment, slo, revision) group_left ()"
    used_up = (Threshold(Decimal(0), "warning", below=True),)
    words = "What is left of each error budget, over its window; below 0 the objective is missed."
    yield _panel(
        fleet, "Budgets left", "bargauge", Query(f"sort({left})", _LEGEND, instant=True), words, "ratio", used_up
    )
    burning = f"sort_desc({errors} / {same} (1 - {target}))"
    words_burning = "How many times too fast each budget is used up, over 1h. At 1 it is gone when its window ends."
    fast = (Threshold(Decimal(1), "warning"),)
    yield _panel(fleet, "Burn rates", "bargauge", Query(burning, _LEGEND, instant=True), words_burning, None, fast)
    firing = f'count(ALERTS{{alertstate="firing",alertname=~"SLO.+",{_HERE}}}) or vector(0)'
    yield _panel(fleet, "Alerts firing", "stat", Query(firing, "firing"), "Alerts on objectives.", None)
    yield _panel(fleet, "Budgets over time", "timeseries", Query(left, _LEGEND), words, "ratio", used_up)


def _panel(
    fleet: Fleet,
    title: str,
    kind: Kind,
    query: Query,
    words: str,
    of: str | None,
    lines: tuple[Threshold, ...] = (),
) -> Panel:
    return Panel(
        key=title,
        title=title,
        description=words,
        kind=kind,
        queries=(query,),
        unit=unit.grafana(of),
        thresholds=lines,
        alerts=(),
        mapping={},
        stacked=False,
        minimum=None,
        maximum=None,
        decimals=None,
        width=None,
        height=None,
        origin=fleet.origin,
    )
