"""Grafana's own models, as grafana-foundation-sdk has them, lose nothing of what we write."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grafana_oracle
import grafana_samples as samples
import pytest

from llmmon import plan
from llmmon.targets.grafana import of_service

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = sorted((Path(__file__).parents[2] / "generated/grafana/dashboards").glob("*/*.json"))
Way = tuple[str | int, ...]

RAW = ("links", "transformations")  # what the SDK neither reads nor checks inside panels
FREE = ("mappings", "overrides", "query", "renameByName", "excludeByName")  # maps and unions: their keys are open


def written(*rows: plan.Row) -> dict[str, Any]:
    dashboard = samples.dashboard(rows or None)
    (artifact,) = of_service(samples.fleet(), samples.service(dashboard))
    data: dict[str, Any] = json.loads(artifact.text)
    return data


def test_nothing_is_lost_of_a_dashboard_with_every_kind() -> None:
    assert grafana_oracle.complaints(written()) == []


@pytest.mark.parametrize("kind", samples.KINDS)
def test_nothing_is_lost_of_a_panel_with_every_field(kind: Any) -> None:
    full = samples.panel(kind=kind, mapping={"1": ("UP", "green")}, stacked=True, decimals=1, maximum=Decimal(9))
    assert grafana_oracle.complaints(written(plan.Row("Row", (full,)))) == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_is_lost_of_the_repositorys_own_dashboards(path: Path) -> None:
    assert grafana_oracle.complaints(json.loads(path.read_text(encoding="utf-8"))) == []


def test_the_oracle_notices_renamed_keys_and_retyped_values() -> None:
    places = list(_places())
    assert len(places) > 300
    assert [keys for data, keys in places if not grafana_oracle.complaints(_renamed(data, keys))] == []
    scalars = [(data, keys) for data, keys in places if isinstance(_at(data, keys), str | bool | int | float)]
    assert [keys for data, keys in scalars if not grafana_oracle.complaints(_retyped(data, keys))] == []


def _places() -> Iterator[tuple[dict[str, Any], Way]]:
    """The way to each key in a dashboard of one panel, once for each kind."""
    seen = set()
    for kind in samples.KINDS:
        data = written(plan.Row("Row", (samples.panel(kind=kind, mapping={"1": ("UP", "green")}),)))
        for keys, owner in _keys(data, (), ""):
            shape = (owner, *(key for key in keys if isinstance(key, str)))
            if shape not in seen:
                seen.add(shape)
                yield data, keys


def _keys(value: Any, way: Way, owner: str) -> Iterator[tuple[Way, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _keys(item, (*way, index), owner)
    if not isinstance(value, dict):
        return
    owner = str(value.get("type", "")) if way[:1] == ("panels",) and "gridPos" in value else owner
    for key, item in value.items():
        if item is not None and key not in FREE:
            yield (*way, key), owner
            if not (key in RAW and way):
                yield from _keys(item, (*way, key), owner)


def _at(data: Any, keys: Way) -> Any:
    for key in keys:
        data = data[key]
    return data


def _renamed(data: dict[str, Any], keys: Way) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    inside = _at(changed, keys[:-1])
    inside[f"{keys[-1]}Typo"] = inside.pop(keys[-1])
    return changed


def _retyped(data: dict[str, Any], keys: Way) -> dict[str, Any]:
    changed = copy.deepcopy(data)
    _at(changed, keys[:-1])[keys[-1]] = {"retyped": True}
    return changed
