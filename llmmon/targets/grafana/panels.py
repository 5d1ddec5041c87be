"""One panel of the plan becomes one grafanalib panel; what each kind of panel looks like is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from grafanalib import core

from llmmon.targets.grafana import fields
from llmmon.targets.grafana.parts import DATASOURCE, REDUCE, BarChart, BarGauge, Gauge, Heatmap, Table
from llmmon.targets.grafana.queries import columns, target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Panel
    from llmmon.targets.grafana.layout import Place

WIDE = 12  # columns from which a legend is a table with calculations
CALCS = ["mean", "max", "lastNotNull"]


def panel(planned: Panel, place: Place, number: int) -> core.Panel:
    """The grafanalib panel of its kind, with everything that the kinds share."""
    known: dict[str, Any] = {
        "title": planned.title,
        "gridPos": core.GridPos(h=place.h, w=place.w, x=place.x, y=place.y),
        "id": number,
        "links": list(_links(planned)),
        "maxDataPoints": None,
    }
    if planned.kind == "text":
        return core.Text(**known, content=planned.description, mode="markdown")
    known |= {
        "dataSource": DATASOURCE,
        "description": planned.description,
        "targets": [target(planned, query, index) for index, query in enumerate(planned.queries)],
        "thresholds": fields.steps(planned),
    }
    return _of_kind(planned, place, known)


def _of_kind(planned: Panel, place: Place, known: dict[str, Any]) -> core.Panel:
    match planned.kind:
        case "timeseries":
            return _timeseries(planned, place, known)
        case "stat":
            return _stat(planned, known)
        case "gauge":
            return Gauge(**known, extraJson=_by_value(planned))
        case "bargauge":
            return BarGauge(**known, extraJson=_by_value(planned))
        case "piechart":
            return _piechart(planned, known)
        case "barchart":
            return _barchart(planned, known)
        case "table":
            return _table(planned, known)
        case "heatmap":
            return _heatmap(planned, known)
        case "text":
            raise AssertionError("a text has no data")
        case _:
            assert_never(planned.kind)


def _timeseries(planned: Panel, place: Place, known: dict[str, Any]) -> core.Panel:
    return core.TimeSeries(
        **known,
        fillOpacity=30 if planned.stacked else 10,
        showPoints="never",
        stacking={"group": "A", "mode": "normal" if planned.stacked else "none"},
        thresholdsStyleMode=fields.line_style(planned),
        extraJson={
            "fieldConfig": _fields(
                planned,
                color={"mode": "palette-classic"},
                custom={
                    "axisBorderShow": False,
                    "axisCenteredZero": False,
                    "axisColorMode": "text",
                    "barWidthFactor": 0.6,
                    "insertNulls": False,
                },
            ),
            "options": {"legend": _legend(wide=place.w >= WIDE), "tooltip": _tooltip("multi")},
        },
    )


def _stat(planned: Panel, known: dict[str, Any]) -> core.Panel:
    instant = all(query.instant for query in planned.queries)
    return core.Stat(
        **known,
        colorMode="background" if planned.mapping else "value",
        graphMode="none" if instant else "area",
        reduceCalc="lastNotNull",
        extraJson=_by_value(planned)
        | {"options": {"percentChangeColorMode": "standard", "showPercentChange": False, "wideLayout": True}},
    )


def _piechart(planned: Panel, known: dict[str, Any]) -> core.Panel:
    return core.PieChartv2(
        **known,
        pieType="donut",
        extraJson={
            "fieldConfig": _fields(
                planned,
                color={"mode": "palette-classic"},
                custom={"hideFrom": {"legend": False, "tooltip": False, "viz": False}},
            ),
            "options": {
                "displayLabels": ["percent"],
                "legend": {"calcs": [], "displayMode": "table", "placement": "right", "showLegend": True}
                | {"values": ["value", "percent"]},
                "reduceOptions": dict(REDUCE),
                "tooltip": _tooltip("single"),
            },
        },
    )


def _barchart(planned: Panel, known: dict[str, Any]) -> core.Panel:
    custom = {"thresholdsStyle": {"mode": fields.line_style(planned)}}
    return BarChart(
        **known,
        transformations=columns(planned),
        extraJson={
            "fieldConfig": _fields(planned, color={"mode": "palette-classic"}, custom=custom),
            "options": {
                "legend": _legend(wide=False),
                "stacking": "normal" if planned.stacked else "none",
                "tooltip": _tooltip("multi"),
            },
        },
    )


def _table(planned: Panel, known: dict[str, Any]) -> core.Panel:
    """Thresholds colour the numbers alone: Grafana would paint the labels' cells as well."""
    numbers = {
        "matcher": {"id": "byType", "options": "number"},
        "properties": [{"id": "custom.cellOptions", "value": {"type": "color-text"}}],
    }
    extra = _by_value(planned)
    extra["fieldConfig"]["overrides"] = [numbers] if planned.thresholds or planned.mapping else []
    return Table(**known, transformations=columns(planned), extraJson=extra)


def _heatmap(planned: Panel, known: dict[str, Any]) -> core.Panel:
    """The unit is that of the buckets; how many fell into one has none."""
    axis: dict[str, Any] = {
        "decimals": planned.decimals,
        "max": fields.optional(planned.maximum),
        "min": fields.optional(planned.minimum),
        "unit": planned.unit,
    }
    return Heatmap(
        **known,
        extraJson={
            "fieldConfig": {"overrides": []},
            "options": {"yAxis": {key: value for key, value in axis.items() if value is not None}},
        },
    )


def _by_value(planned: Panel) -> dict[str, Any]:
    return {"fieldConfig": _fields(planned, color={"mode": "thresholds"})}


def _fields(planned: Panel, *, color: dict[str, str], custom: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "defaults": {
            "color": color,
            "decimals": planned.decimals,
            "mappings": fields.mappings(planned),
            "max": _maximum(planned),
            "min": _minimum(planned),
            "noValue": "No data",
            "unit": planned.unit,
            **({"custom": custom} if custom else {}),
        },
        "overrides": fields.overrides(planned),
    }


def _minimum(planned: Panel) -> float | None:
    """A dial or a bar needs two ends, and Grafana's own are 0 and 100."""
    if planned.minimum is None and planned.kind in ("gauge", "bargauge"):
        return 0
    return fields.optional(planned.minimum)


def _maximum(planned: Panel) -> float | None:
    if planned.maximum is None and planned.kind == "gauge" and planned.unit == "percentunit":
        return 1
    return fields.optional(planned.maximum)


def _legend(*, wide: bool) -> dict[str, Any]:
    shown = {"placement": "bottom", "showLegend": True}
    if wide:
        return {"calcs": CALCS, "displayMode": "table", **shown, "sortBy": "Max", "sortDesc": True}
    return {"calcs": [], "displayMode": "list", **shown}


def _tooltip(mode: str) -> dict[str, Any]:
    return {"hideZeros": False, "mode": mode, "sort": "desc" if mode == "multi" else "none"}


def _links(planned: Panel) -> Iterator[dict[str, Any]]:
    for alert, url in planned.alerts:
        yield {"targetBlank": True, "title": f"Runbook: {alert}", "url": url}
