"""Panels with the same number, on top of each other, or beyond the grid.

Links, alerts and snapshots name a panel by its number, and Grafana gives one of two new numbers each time the
dashboard is loaded. What overlaps is pushed down, so nobody sees the dashboard that was saved; that is said once of a
dashboard.

Bad:

    {panels: [{id: 1, type: stat, title: A}, {id: 1, type: stat, title: B}]}

    {panels: [{id: 1, type: stat, title: A, gridPos: {x: 0, y: 0, w: 12, h: 8}},
     {id: 2, type: stat, title: B, gridPos: {x: 6, y: 4, w: 12, h: 8}}]}

    {panels: [{id: 1, type: stat, title: A, gridPos: {x: 18, y: 0, w: 12, h: 8}}]}

Good:

    {panels: [{id: 1, type: stat, title: A, gridPos: {x: 0, y: 0, w: 12, h: 8}},
     {id: 2, type: stat, title: B, gridPos: {x: 12, y: 0, w: 12, h: 8}}]}

    {panels: [{id: 1, type: stat, title: A}, {id: 2, type: stat, title: B}]}

    {panels: [{type: stat, title: A}]}
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from llmmon.documents.dashboards import Dashboard, Panel, at
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.rule import Facts

_COLUMNS = 24
_FEW = 3  # panels with the number of another one; more are said once
_COMPARED = 400  # panels of one level; nobody has more, and each is compared with each


class _Place(NamedTuple):
    panel: Panel
    x: float
    y: float
    w: float
    h: float


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    yield from _numbers(dashboard)
    levels: dict[object, list[_Place]] = defaultdict(list)
    beyond: list[_Place] = []
    for panel in dashboard.panels:
        sides = [at(panel.value, "gridPos", side) for side in "xywh"]
        if all(isinstance(side, int | float) for side in sides) and "rows" not in panel.level:
            place = _Place(panel, *sides)
            levels[panel.level].append(place)
            if place.x < 0 or place.x + place.w > _COLUMNS:
                beyond.append(place)
    for place in beyond[:1]:
        where = f"the {_COLUMNS} columns{_more(len(beyond))}: x is {place.x:g} and the width {place.w:g}"
        message = f"{_name(place.panel)} does not fit {where}"
        yield Finding("D006", message, keys=("gridPos",), origin=place.panel.origin)
    pairs = [pair for places in levels.values() for pair in _overlaps(places[:_COMPARED])]
    for one, other in pairs[:1]:
        message = f"{_name(one)} stands on {_name(other)}, so Grafana moves it: change its y{_more(len(pairs))}"
        yield Finding("D006", message, keys=("gridPos",), origin=one.origin)


def _numbers(dashboard: Dashboard) -> Iterator[Finding]:
    free = max((number for panel in dashboard.panels if isinstance(number := panel.value.get("id"), int)), default=0)
    seen: dict[int, Panel] = {}
    twice: list[tuple[Panel, int]] = []
    for panel in dashboard.panels:
        number = panel.value.get("id")
        if not isinstance(number, int) or not number or isinstance(number, bool):
            continue  # 0 is none
        if number in seen:
            twice.append((panel, number))
        seen.setdefault(number, panel)
    many = len(twice) > _FEW
    for panel, number in twice[:1] if many else twice:
        free += 1
        said = f"{_name(panel)} has the id of {_name(seen[number])}, {number}"
        advice = "give each another one, or leave all ids out" if many else f"give it another one, such as {free}"
        edits = () if many else (Edit(str(free), keys=("id",)),)
        message = f"{said}{_more(len(twice)) if many else ''}: {advice}"
        yield Finding("D005", message, keys=("id",), origin=panel.origin, edits=edits)


def _overlaps(places: Sequence[_Place]) -> Iterator[tuple[Panel, Panel]]:
    """Each panel that stands on an earlier one, once; a row moves what is below it."""
    for index, one in enumerate(places):
        for other in places[:index]:
            beside = one.x + one.w <= other.x or other.x + other.w <= one.x
            if not beside and one.y < other.y + other.h and other.y < one.y + one.h and _moves(one, other):
                yield one.panel, other.panel
                break


def _moves(one: _Place, other: _Place) -> bool:
    repeated = any(place.panel.single or place.panel.value.get("repeat") for place in (one, other))
    return not repeated and "row" not in (one.panel.kind, other.panel.kind)


def _more(count: int) -> str:
    return f", and so on for {count - 1} more" if count > 1 else ""


def _name(panel: Panel) -> str:
    return f"the panel {panel.title!r}" if panel.title else f"a panel of the type {panel.kind}"


RULE = Rule(Dashboard, check, {"D005": Level.WARNING, "D006": Level.NOTE})
