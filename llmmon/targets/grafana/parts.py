"""grafanalib classes of our own, for the parts whose JSON Grafana no longer reads as it is written there."""

from __future__ import annotations

from typing import Any

from grafanalib import core

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
REDUCE = {"calcs": ["lastNotNull"], "fields": "", "values": False}


class Threshold:
    """One step; the first has no value, which Grafana reads as minus infinity."""

    __slots__ = ("color", "value")

    def __init__(self, color: str, value: float | None) -> None:
        self.color = color
        self.value = value

    def to_json_data(self) -> dict[str, Any]:
        return {"color": self.color, "value": self.value}


class Target(core.Target):
    """A Prometheus query, range or instant."""

    def __init__(self, *, exemplar: bool = False, **known: Any) -> None:
        super().__init__(**known)
        self.exemplar = exemplar

    def to_json_data(self) -> dict[str, Any]:
        return {
            "datasource": DATASOURCE,
            "editorMode": "code",
            "exemplar": self.exemplar,
            "expr": self.expr,
            "format": self.format,
            "instant": self.instant,
            "legendFormat": self.legendFormat,
            "range": not self.instant,
            "refId": self.refId,
        }


class Variable(core.Template):
    """A template variable whose selection may be All, which the class above cannot say."""

    def __init__(self, *, extra: dict[str, Any], **known: Any) -> None:
        super().__init__(**known)
        self.extra = extra

    def to_json_data(self) -> dict[str, Any]:
        return super().to_json_data() | self.extra


class Annotation:
    """Events on every graph, from a Prometheus query."""

    def __init__(self, name: str, color: str, expr: str, title: str, text: str, tags: str) -> None:
        self.name = name
        self.color = color
        self.expr = expr
        self.title = title
        self.text = text
        self.tags = tags

    def to_json_data(self) -> dict[str, Any]:
        return {
            "datasource": DATASOURCE,
            "enable": True,
            "hide": False,
            "iconColor": self.color,
            "name": self.name,
            "tagKeys": self.tags,
            "target": {
                "datasource": DATASOURCE,
                "editorMode": "code",
                "exemplar": False,
                "expr": self.expr,
                "instant": False,
                "range": True,
                "refId": "A",
            },
            "textFormat": self.text,
            "titleFormat": self.title,
            "useValueForTime": False,
        }


class Gauge(core.Panel):
    """A dial."""

    def to_json_data(self) -> dict[str, Any]:
        return self.panel_json(
            {
                "type": "gauge",
                "options": {
                    "minVizHeight": 75,
                    "minVizWidth": 75,
                    "orientation": "auto",
                    "reduceOptions": dict(REDUCE),
                    "showThresholdLabels": False,
                    "showThresholdMarkers": True,
                    "sizing": "auto",
                },
            }
        )


class BarGauge(core.Panel):
    """One horizontal bar per series."""

    def to_json_data(self) -> dict[str, Any]:
        return self.panel_json(
            {
                "type": "bargauge",
                "options": {
                    "displayMode": "basic",
                    "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
                    "maxVizHeight": 300,
                    "minVizHeight": 16,
                    "minVizWidth": 8,
                    "namePlacement": "auto",
                    "orientation": "horizontal",
                    "reduceOptions": dict(REDUCE),
                    "showUnfilled": True,
                    "sizing": "auto",
                    "valueMode": "color",
                },
            }
        )


class BarChart(core.Panel):
    """Bars side by side, one per label value."""

    def to_json_data(self) -> dict[str, Any]:
        return self.panel_json(
            {
                "type": "barchart",
                "fieldConfig": {
                    "defaults": {
                        "custom": {
                            "axisBorderShow": False,
                            "axisCenteredZero": False,
                            "axisColorMode": "text",
                            "axisLabel": "",
                            "axisPlacement": "auto",
                            "fillOpacity": 80,
                            "gradientMode": "none",
                            "hideFrom": {"legend": False, "tooltip": False, "viz": False},
                            "lineWidth": 1,
                            "scaleDistribution": {"type": "linear"},
                            "thresholdsStyle": {"mode": "off"},
                        },
                    },
                },
                "options": {
                    "barRadius": 0,
                    "barWidth": 0.97,
                    "fullHighlight": False,
                    "groupWidth": 0.7,
                    "orientation": "auto",
                    "showValue": "auto",
                    "stacking": "none",
                    "xTickLabelMaxLength": 20,
                    "xTickLabelRotation": 0,
                    "xTickLabelSpacing": 0,
                },
            }
        )


class Table(core.Panel):
    """Rows of labels and values."""

    def to_json_data(self) -> dict[str, Any]:
        return self.panel_json(
            {
                "type": "table",
                "fieldConfig": {
                    "defaults": {
                        "custom": {
                            "align": "auto",
                            "cellOptions": {"type": "auto"},
                            "filterable": True,
                            "inspect": False,
                        },
                    },
                },
                "options": {"cellHeight": "sm", "showHeader": True},
            }
        )


class Heatmap(core.Panel):
    """Buckets of a Prometheus histogram over time."""

    def to_json_data(self) -> dict[str, Any]:
        return self.panel_json(
            {
                "type": "heatmap",
                "fieldConfig": {
                    "defaults": {
                        "custom": {
                            "hideFrom": {"legend": False, "tooltip": False, "viz": False},
                            "scaleDistribution": {"type": "linear"},
                        },
                    },
                },
                "options": {
                    "calculate": False,
                    "cellGap": 1,
                    "color": {
                        "exponent": 0.5,
                        "fill": "dark-orange",
                        "mode": "scheme",
                        "reverse": False,
                        "scale": "exponential",
                        "scheme": "Oranges",
                        "steps": 64,
                    },
                    "exemplars": {"color": "rgba(255,0,255,0.7)"},
                    "filterValues": {"le": 1e-09},
                    "legend": {"show": True},
                    "rowsFrame": {"layout": "auto"},
                    "showValue": "never",
                    "tooltip": {"mode": "single", "showColorScale": True, "yHistogram": True},
                    "yAxis": {"axisPlacement": "left", "reverse": False},
                },
            }
        )
