"""Proves dashboards offline, on the JSON that Grafana would read: identity, geometry, completeness, expressions."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon.problem import Problem
from llmmon.promql import DEFAULT_VERSION, PromqlError, Version, parse
from llmmon.targets.grafana.expressions import known_values, substituted, unknown_variables
from llmmon.targets.grafana.layout import COLUMNS, SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.problem import Keys, Origin
    from llmmon.target import Artifact

UID = re.compile(r"[A-Za-z0-9_-]{1,40}").fullmatch
UNIT = {"heatmap": ("options", "yAxis", "unit")}  # where a panel's unit stands
USUAL_UNIT = ("fieldConfig", "defaults", "unit")


class Placed(NamedTuple):
    """A panel of the JSON and the way to it."""

    keys: Keys
    panel: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.panel.get("title") or self.panel.get("type"))


def problems(artifacts: Sequence[Artifact], prometheus: Version = DEFAULT_VERSION) -> Iterator[Problem]:
    """Everything that is wrong with a service's dashboards, each at the line of the spec that made it."""
    seen: dict[str, Artifact] = {}
    for artifact in artifacts:
        if artifact.path.suffix != ".json":
            continue
        dashboard = json.loads(artifact.text)
        uid = dashboard["uid"]
        if not UID(uid):
            message = f"uid {uid!r}: Grafana takes 1 to 40 characters of A-Z a-z 0-9 _ -; shorten the dashboard's name"
            yield _problem(artifact, (), message, "dashboard-uid")
        if uid in seen:
            message = f"uid {uid!r} is also that of {seen[uid].path}; give one of the two another name"
            yield _problem(artifact, (), message, "dashboard-uid")
        seen[uid] = artifact
        for keys, message, rule in _of_dashboard(dashboard, prometheus):
            yield _problem(artifact, keys, message, rule)


Complaint = tuple["Keys", str, str]


def _of_dashboard(dashboard: dict[str, Any], version: Version) -> Iterator[Complaint]:
    top = [Placed(("panels", index), panel) for index, panel in enumerate(dashboard["panels"])]
    inside = {found.keys: list(_children(found)) for found in top}
    everything = [panel for found in top for panel in (found, *inside[found.keys])]
    values = known_values(dashboard["templating"]["list"])
    yield from _unique(everything)
    yield from _geometry(top)
    for found in top:
        yield from _geometry(inside[found.keys])
        yield from _below(found, inside[found.keys])
    for found in everything:
        if found.panel["type"] != "row":
            yield from _complete(found)
            yield from _expressions(found, values, version)
    for annotation in dashboard["annotations"]["list"]:
        expr = annotation.get("target", {}).get("expr")
        if expr is not None:
            yield from _parsed((), f"annotation {annotation['name']!r}", expr, values, version)


def _children(row: Placed) -> Iterator[Placed]:
    for index, panel in enumerate(row.panel.get("panels", [])):
        yield Placed((*row.keys, "panels", index), panel)


def _unique(panels: Sequence[Placed]) -> Iterator[Complaint]:
    seen: dict[int, Placed] = {}
    for found in panels:
        number = found.panel.get("id", 0)
        if number in seen:
            other = seen[number].name
            message = f"panel {found.name!r} has the id of {other!r} ({number}); give one of the two another key"
            yield found.keys, message, "dashboard-panel-id"
        if not 0 < number < 2**31:
            message = f"panel {found.name!r} has the id {number}; it must be from 1 to 2147483647"
            yield found.keys, message, "dashboard-panel-id"
        seen[number] = found


def _geometry(panels: Sequence[Placed]) -> Iterator[Complaint]:
    for found in panels:
        grid = found.panel["gridPos"]
        if grid["x"] < 0 or grid["y"] < 0 or grid["w"] < 1 or grid["h"] < 1 or grid["x"] + grid["w"] > COLUMNS:
            message = f"panel {found.name!r} does not fit the {COLUMNS} columns: x {grid['x']}, width {grid['w']}"
            yield found.keys, message, "dashboard-grid"
    for one, other in combinations(panels, 2):
        if _overlap(one.panel["gridPos"], other.panel["gridPos"]):
            yield other.keys, f"panel {other.name!r} overlaps {one.name!r}", "dashboard-grid"


def _overlap(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    return not beside and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]


def _below(row: Placed, children: Sequence[Placed]) -> Iterator[Complaint]:
    for child in children:
        if child.panel["gridPos"]["y"] <= row.panel["gridPos"]["y"]:
            yield child.keys, f"panel {child.name!r} stands above its row {row.name!r}", "dashboard-grid"


def _complete(found: Placed) -> Iterator[Complaint]:
    panel = found.panel
    kind = panel["type"]
    if kind not in SIZES:
        message = f"panel {found.name!r} is of type {kind!r}, which Grafana 12 no longer has: use one of {_kinds()}"
        yield found.keys, message, "dashboard-panel-type"
        return
    if not panel.get("title"):
        yield found.keys, f"a {kind} panel has no title: say what it shows", "dashboard-panel-title"
    if kind == "text":
        if not panel["options"].get("content"):
            yield found.keys, f"text panel {found.name!r} is empty: write its description", "dashboard-panel-text"
        return
    if not panel.get("description"):
        message = f"panel {found.name!r} has no description: say what it means and what to do"
        yield found.keys, message, "dashboard-panel-description"
    if not _at(panel, UNIT.get(kind, USUAL_UNIT)):
        yield found.keys, f"panel {found.name!r} has no unit: `short` where it only counts", "dashboard-panel-unit"
    yield from _asking(found)


def _asking(found: Placed) -> Iterator[Complaint]:
    targets = found.panel.get("targets", [])
    if not targets:
        yield found.keys, f"panel {found.name!r} has no query", "dashboard-panel-query"
    for part in (found.panel, *targets):
        if part.get("datasource", {}).get("uid") != "${datasource}":
            message = f"panel {found.name!r} does not ask `${{datasource}}`, so it works on one server only"
            yield found.keys, message, "dashboard-panel-datasource"
            break
    names = [target.get("refId") for target in targets]
    if not all(names) or len(set(names)) < len(names):
        yield found.keys, f"panel {found.name!r}: its queries need different refIds, not {names}", "dashboard-panel-ref"


def _expressions(found: Placed, values: Mapping[str, str], version: Version) -> Iterator[Complaint]:
    for target in found.panel.get("targets", []):
        yield from _parsed(found.keys, f"panel {found.name!r}", target["expr"], values, version)


def _parsed(keys: Keys, where: str, expr: str, values: Mapping[str, str], version: Version) -> Iterator[Complaint]:
    for name in unknown_variables(expr, values):
        message = f"{where} uses ${name}, which is no variable of this dashboard: write one of {_listed(values)}"
        yield keys, message, "dashboard-variable"
    try:
        parse(substituted(expr, values), version)
    except PromqlError as error:
        yield keys, f"{where}: {error.message} in `{expr}`", "dashboard-expression"


def _problem(artifact: Artifact, keys: Keys, message: str, rule: str) -> Problem:
    return Problem(_origin(artifact, keys), message, rule)


def _origin(artifact: Artifact, keys: Keys) -> Origin:
    """The longest way to it that the artifact knows an origin of; the dashboard's own has no keys."""
    return next(artifact.origins[keys[:n]] for n in range(len(keys), -1, -1) if keys[:n] in artifact.origins)


def _at(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key, {})
    return value


def _kinds() -> str:
    return ", ".join(sorted(SIZES))


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"${name}" for name in values)
