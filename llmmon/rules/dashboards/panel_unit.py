"""A panel that does not say in which unit its numbers are.

Grafana scales and labels what has a unit: 0.0042 is 4.2 ms, 3e9 is 2.8 GiB. Where values are mapped to texts a unit is
not needed.

Bad:

    {type: timeseries, title: A, targets: [{expr: up}]}

Good:

    {type: timeseries, title: A, fieldConfig: {defaults: {unit: s}}, targets: [{expr: up}]}

    {type: stat, title: A, fieldConfig: {defaults: {mappings: [{type: value}]}}, targets: [{expr: up}]}

    {type: text, title: A}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Panel, at
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_SHOWING = ("stat", "singlestat", "graph", "table", "timeseries", "gauge")


def check(panel: Panel, facts: Facts) -> Iterator[Finding]:
    del facts
    unit = at(panel.value, "fieldConfig", "defaults", "unit")
    if not unit and panel.kind in _SHOWING and panel.queries and not _says_otherwise(panel):
        yield Finding("D019", f"the panel {panel.title!r} has no unit: write short where it only counts")


def _says_otherwise(panel: Panel) -> bool:
    """In values that are texts, in units of its own for some, or as old panels did."""
    defaults = at(panel.value, "fieldConfig", "defaults")
    mapped = isinstance(defaults, dict) and defaults.get("mappings")
    special = at(panel.value, "fieldConfig", "overrides") or panel.value.get("valueMaps")
    return bool(mapped or special or panel.value.get("yaxes") or panel.value.get("format") or panel.value.get("styles"))


RULE = Rule(
    Panel,
    check,
    {"D019": Level.NOTE},
    peers=("dashboard-linter panel-units-rule", "mixtool"),
    default=False,
)
