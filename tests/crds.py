"""The schemas of custom resources, out of packages that are made from the operators' own definitions.

Nothing is left open: a field that the schema does not name, which an API server would drop in silence, is a fault.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS = {
    "monitoring.coreos.com/v1": "cloudcoil.models.prometheus_operator.v1",
    "monitoring.coreos.com/v1alpha1": "cloudcoil.models.prometheus_operator.v1alpha1",
    "networking.istio.io/v1": "cloudcoil.models.istio.networking.v1",
    "security.istio.io/v1": "cloudcoil.models.istio.security.v1",
    "telemetry.istio.io/v1": "cloudcoil.models.istio.telemetry.v1",
}
NOTHING = {"type": "null"}


@cache
def schema(version: str, kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind. The first of a group takes seconds: its package is 50,000 lines."""
    model = getattr(importlib.import_module(MODELS[version]), kind)
    closed: dict[str, Any] = _closed(model.model_json_schema(by_alias=True))
    return closed


def refused(found: Mapping[str, Any]) -> list[str]:
    """What the schema of an object's kind says against it, each as `way: message`."""
    validator = jsonschema.Draft202012Validator(schema(found["apiVersion"], found["kind"]))
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(found)]


def known(found: Mapping[str, Any]) -> bool:
    """Whether there is a schema for it."""
    return found.get("apiVersion") in MODELS


def _closed(node: Any) -> Any:
    """The schema without open maps, and without the null that a Python model takes for an absent field."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _closed(item) for key, item in node.items() if key != "default"}
    if isinstance(pattern := out.get("pattern"), str):
        out["pattern"] = pattern.replace("(?i)", "")  # Go's; Python has it in front only, and lower case is enough
    if NOTHING in (either := out.get("anyOf", ())):
        kept = [item for item in either if item != NOTHING]
        del out["anyOf"]
        out |= kept[0] if len(kept) == 1 else {"anyOf": kept}
    return out | {"additionalProperties": False} if "properties" in out else out
