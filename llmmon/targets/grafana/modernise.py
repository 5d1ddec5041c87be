"""Brings the JSON that grafanalib writes to what Grafana 12 writes: schema 42, known keys only, no nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grafanalib import core

SCHEMA = 42  # the last of the classic schema
PLUGINS = "12.0.0"  # the options are written as this version's panels write them, so none is migrated
DASHBOARD = (
    "annotations",
    "description",
    "editable",
    "graphTooltip",
    "links",
    "panels",
    "refresh",
    "tags",
    "templating",
    "time",
    "timezone",
    "title",
    "uid",
)
ADDED = {"fiscalYearStartMonth": 0, "preload": False, "schemaVersion": SCHEMA, "timepicker": {}, "weekStart": ""}
LEAVES = frozenset({str, int, float, bool, type(None)})
ROW = ("collapsed", "gridPos", "id", "panels", "title", "type")
PANEL = ("description", "fieldConfig", "gridPos", "id", "links", "options", "title", "type")
QUERYING = ("datasource", "targets", "transformations")
VARIABLES = {
    "datasource": ("current", "hide", "includeAll", "label", "multi", "name", "options", "query", "refresh", "regex"),
    "custom": ("allValue", "current", "hide", "includeAll", "label", "multi", "name", "options", "query"),
    "query": (
        *("allValue", "current", "datasource", "definition", "hide", "includeAll", "label", "multi", "name"),
        *("options", "query", "refresh", "regex", "sort"),
    ),
}


def modernise(dashboard: core.Dashboard) -> dict[str, Any]:
    """Plain JSON data, as Grafana 12 saves it; `id` and `version` are the server's and left out."""
    raw = dashboard.to_json_data()
    raw["panels"] = [_panel(panel.to_json_data()) for panel in raw["panels"]]
    raw["templating"] = {"list": [_variable(v.to_json_data()) for v in raw["templating"].to_json_data()["list"]]}
    return plain({key: raw[key] for key in DASHBOARD} | ADDED)  # type: ignore[no-any-return] # a dict stays one


def plain(value: Any) -> Any:
    """The value with every grafanalib object in it written out, keys in Grafana's order."""
    kind = type(value)
    if kind in LEAVES:
        return value
    if kind is dict:
        return {key: item if type(item := value[key]) in LEAVES else plain(item) for key in sorted(value)}
    if kind is list:
        return [plain(item) for item in value]
    return plain(value.to_json_data())


def _panel(raw: dict[str, Any]) -> dict[str, Any]:
    if raw["type"] == "row":
        raw["panels"] = [_panel(panel.to_json_data()) for panel in raw["panels"]]
        return _only(ROW, raw)
    if raw["type"] == "text":
        raw["options"] |= {"code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False}}
        raw["fieldConfig"] = {"defaults": {}, "overrides": []}
        return _only(PANEL, raw) | {"pluginVersion": PLUGINS}
    _fields(raw["fieldConfig"]["defaults"])
    if not raw["transformations"]:
        raw["transformations"] = None
    return _only((*PANEL, *QUERYING), raw) | {"pluginVersion": PLUGINS}


def _fields(defaults: dict[str, Any]) -> None:
    _drop_nulls(defaults)
    custom = defaults.setdefault("custom", {})
    _drop_nulls(custom)
    scale = custom.get("scaleDistribution", {})
    if scale.get("type") == "linear":
        scale.pop("log", None)


def _variable(raw: dict[str, Any]) -> dict[str, Any]:
    return _only(VARIABLES[raw["type"]], raw) | {"type": raw["type"]}


def _only(keys: Iterable[str], raw: dict[str, Any]) -> dict[str, Any]:
    return {key: raw[key] for key in keys if raw.get(key) is not None}


def _drop_nulls(known: dict[str, Any]) -> None:
    for key in [key for key, value in known.items() if value is None]:
        del known[key]
