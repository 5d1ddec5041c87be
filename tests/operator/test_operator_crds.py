"""The operators' own schemas, against every object that we make and every shape that we check with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import crds
import pytest
import yaml
from operator_examples import MOST, OTHER, generated

from llmmon.shape import Each, Text, Whole
from llmmon.targets.operator.shape import SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Fleet

OURS = Path(__file__).parents[2] / "generated"
V1 = "monitoring.coreos.com/v1"
API = {"AlertmanagerConfig": "monitoring.coreos.com/v1alpha1"}
NEWER = ["spec.receivers: there is no field msteamsv2Configs"]  # the operator has it since 0.82
TRIED = ["", "a", "=", "==", "!=", "=~", "!~", "http", "https", "ftp", "monday", "Monday"]


def rule(found: dict[str, Any]) -> dict[str, Any]:
    """A VMRule as a PrometheusRule: no package has the schema of VictoriaMetrics, whose fields are a superset."""
    return {**found, "apiVersion": V1, "kind": "PrometheusRule"} if found["kind"] == "VMRule" else found


def test_every_custom_resource_of_the_repository_is_as_its_schema_says() -> None:
    objects = [
        item
        for file in sorted(OURS.rglob("*.yaml"))
        if "coreos.com" in (text := file.read_text("utf-8")) or "istio.io" in text
        for item in yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    ]
    found = [item for item in objects if isinstance(item, dict) and crds.known(item)]
    assert len(found) > 100
    assert {item["metadata"]["name"]: said for item in found if (said := crds.refused(item))} == {}


@pytest.mark.parametrize("kinds", [MOST, OTHER])
def test_every_kind_is_as_its_schema_says(fleet: Fleet, kinds: str) -> None:
    files = generated(fleet, kinds)
    found = [rule(item) for path, many in files.items() if "/helm/" not in path for item in many]
    assert {item["kind"]: said for item in found if crds.known(item) and (said := crds.refused(item))} == {}
    assert any(map(crds.known, found))


@pytest.mark.parametrize(
    ("way", "value", "message"),
    [
        (("spec", "groups", 0, "rules", 0, "expr"), None, "'expr' is a required property"),
        (("spec", "groups", 0, "rules", 0, "exrp"), "up", "'exrp' was unexpected"),
        (("spec", "groups", 0, "rules", 0, "labels"), {"a": 1}, "1 is not of type 'string'"),
        (("spec", "groups", 0, "interval"), "30 sec", "'30 sec' does not match"),
        (("spec", "groups", 0, "name"), "", "'' should be non-empty"),
        (("spec", "groups"), {}, "{} is not of type 'array'"),
        (("metadata", "label"), {}, "'label' was unexpected"),
    ],
)
def test_a_broken_object_is_refused(way: tuple[str | int, ...], value: object, message: str) -> None:
    file = min(OURS.rglob("prometheusrule.yaml"))
    found = next(iter(yaml.safe_load_all(file.read_text("utf-8"))))
    assert crds.refused(found) == []
    inner = found
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = value
    if value is None:
        del inner[way[-1]]
    said = crds.refused(found)
    assert any(message in line for line in said), said


@pytest.mark.parametrize("kind", SPECS)
def test_our_shape_asks_for_no_less_than_the_schema(kind: str) -> None:
    whole = crds.schema(API.get(kind, V1), "PrometheusRule" if kind == "VMRule" else kind)
    spec = whole["$defs"][whole["properties"]["spec"]["$ref"].rpartition("/")[2]]
    found = list(_weaker(SPECS[kind], spec, whole["$defs"], "spec"))
    assert found == (NEWER if kind == "AlertmanagerConfig" else [])


def _weaker(shape: Any, found: dict[str, Any], defs: dict[str, Any], way: str) -> Iterator[str]:
    """Where our shape knows a field that the schema does not, or takes what the schema refuses."""
    found = defs[found["$ref"].rpartition("/")[2]] if "$ref" in found else found
    match shape:
        case dict() if "properties" in found:
            inside = {name.rstrip("!"): inner for name, inner in shape.items()}
            yield from (f"{way}: {name} is required" for name in found.get("required", ()) if f"{name}!" not in shape)
            for name, inner in inside.items():
                if name not in found["properties"]:
                    yield f"{way}: there is no field {name}"
                elif not (way.endswith("routes") and name == "routes"):  # routes hold routes
                    yield from _weaker(inner, found["properties"][name], defs, f"{way}.{name}")
        case dict() | Each() if "additionalProperties" in found or found == {}:
            pass
        case list() if "items" in found:
            yield from _weaker(shape[0], found["items"], defs, way)
        case Text(form) if found.get("type") == "string" or "anyOf" in found:
            yield from (f"{way}: {one!r} is taken" for one in TRIED if form.fullmatch(one) and _no(found, one))
        case Whole(least, most) if found.get("type") == "integer" or "anyOf" in found:
            if least < found.get("minimum", least) or most > found.get("maximum", most):
                yield f"{way}: {least} to {most} is too wide"
        case type() if found.get("type") == "boolean":
            pass
        case _:
            yield f"{way}: {shape!r} is not of the type {found.get('type')}"


def _no(found: dict[str, Any], value: str) -> bool:
    """Whether the schema of a text refuses it."""
    short = len(value) < found.get("minLength", 0)
    return short or value not in found.get("enum", [value]) or not re.search(found.get("pattern", ""), value)
