"""Dashboards as the compiler knows them: rows of panels, with queries that are already checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from decimal import Decimal

    from llmmon.plan.fleet import Severity
    from llmmon.problem import Origin

Kind = Literal["timeseries", "stat", "gauge", "bargauge", "barchart", "piechart", "table", "heatmap", "text"]


@frozen
class Query:
    """One query. `expr` may hold Grafana's variables; `parsed` is what was checked in their place."""

    expr: str
    legend: str
    instant: bool = False
    heatmap: bool = False


@frozen
class Threshold:
    """Where a colour starts; equal to the alert's threshold. `below` colours what is under it."""

    value: Decimal
    severity: Severity | Literal["target"]
    below: bool = False


@frozen
class Panel:
    """One panel; `key` is stable within its dashboard and makes the panel's id.

    `alerts` are (alert name, runbook URL) of the alerts on the same signal; `mapping` maps values to text and colour
    (`{"1": ("UP", "green")}`); `maximum` is 1 for ratios that end there.
    """

    key: str
    title: str
    description: str
    kind: Kind
    queries: tuple[Query, ...]
    unit: str  # as Grafana names it
    thresholds: tuple[Threshold, ...]
    alerts: tuple[tuple[str, str], ...]
    mapping: Mapping[str, tuple[str, str]]
    stacked: bool
    minimum: Decimal | None
    maximum: Decimal | None
    decimals: int | None
    width: int | None  # of 24 columns; None lets the layout choose by kind
    height: int | None
    origin: Origin


@frozen
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False


@frozen
class Variable:
    """A dashboard variable: `query` for values from the datasource, `options` (text, value) for a fixed list."""

    name: str
    label: str
    query: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    multi: bool = False


@frozen
class Dashboard:
    """One dashboard of a service; it has no environment in its uid, that is a variable."""

    name: str
    uid: str
    title: str
    description: str
    service: str  # empty where it is of the whole fleet
    team: str
    spec: str
    refresh: timedelta
    span: timedelta  # the time range shown at first
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    origin: Origin
