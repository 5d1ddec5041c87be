"""A dashboard with a list where a map belongs, or a text where a number does.

Grafana reads the JSON into fields of these types, and refuses the dashboard, or shows a part of it. An empty list in
place of an empty map, as PHP and Lua write it, does no harm.

Bad:

    {panels: {}}

    {panels: [{type: stat, title: A, targets: {expr: up}}]}

    {title: [A], panels: []}

Good:

    {panels: []}

    {panels: [{type: stat, title: A, targets: [{expr: up}], gridPos: {x: 0, y: 0, w: 12, h: 8}}]}

    {templating: {list: []}, panels: []}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.documents.dashboards import Dashboard, at
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_TYPES: dict[type, str] = {dict: "map", list: "list", str: "text", int: "number", float: "number", bool: "yes or no"}
_DASHBOARD: dict[tuple[str, ...], type] = {
    ("title",): str,
    ("uid",): str,
    ("panels",): list,
    ("rows",): list,
    ("tags",): list,
    ("links",): list,
    ("templating",): dict,
    ("templating", "list"): list,
    ("annotations",): dict,
    ("annotations", "list"): list,
    ("time",): dict,
}
_PANEL: dict[tuple[str, ...], type] = {
    ("type",): str,
    ("title",): str,
    ("targets",): list,
    ("gridPos",): dict,
    ("fieldConfig",): dict,
    ("fieldConfig", "defaults"): dict,
    ("fieldConfig", "overrides"): list,
    ("transformations",): list,
    ("options",): dict,
}


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    yield from _wrong(dashboard.value, _DASHBOARD, dashboard)
    for panel in dashboard.panels:
        yield from _wrong(panel.value, _PANEL, panel)
    for index, item in enumerate(_list(dashboard.value.get("panels"))):
        if not isinstance(item, dict):
            message = f"a panel is a map, and this is a {_kind(item)}: write {{...}}"
            yield Finding("D001", message, keys=("panels", index), origin=dashboard.origin)


def _wrong(value: Any, types: dict[tuple[str, ...], type], node: Any) -> Iterator[Finding]:
    for keys, kind in types.items():
        found = at(value, *keys)
        if found is not None and not isinstance(found, kind) and not _is_empty(found, kind, keys):
            message = f"{keys[-1]} is a {_TYPES[kind]}, and this is a {_kind(found)}"
            yield Finding("D001", message, keys=keys, origin=node.origin)


def _is_empty(found: Any, kind: type, keys: tuple[str, ...]) -> bool:
    """Whether there is nothing in it, and Grafana goes on."""
    return found in ([], False) if kind is dict else keys == ("transformations",) and found == {}


def _kind(value: Any) -> str:
    return "null" if value is None else _TYPES.get(type(value), "value")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


RULE = Rule(Dashboard, check, {"D001": Level.ERROR})
