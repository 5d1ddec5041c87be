"""JSON Schemas of the spec files, for editors and for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import dump
from llmmon.spec.fleet import Fleet
from llmmon.spec.service import SpecFile, System

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel

KINDS: dict[str, type[BaseModel]] = {"service": SpecFile, "system": System, "fleet": Fleet}
HANDLERS = ("path", "grpc", "tcp", "exec")  # of a probe, which has one: the preset's goes where another is written
REMOVED = {"const": False, "description": "Removes what a preset, or `every:`, brings under this name."}


def data(kind: str) -> dict[str, Any]:
    """The schema of a kind of spec file."""
    schema: dict[str, Any] = KINDS[kind].model_json_schema(by_alias=True)
    for service in (schema, schema["$defs"].get("Service", {})):
        _removable(service if "uses" in service.get("properties", {}) else {})
    probe = schema["$defs"].get("Probe", {}).get("properties", {})
    probe |= {name: {"anyOf": [probe[name], REMOVED]} for name in HANDLERS if name in probe}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"llmmon {kind}"}
    return {**head, **{key: value for key, value in schema.items() if key != "title"}}


def text(kind: str) -> str:
    """The schema as JSON."""
    return dump.json_text(data(kind))


def write(folder: Path) -> Iterator[Path]:
    """One file per kind; only what has changed is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        path = folder / f"{kind}.json"
        wanted = text(kind)
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            path.write_text(wanted, encoding="utf-8")
        yield path


def _removable(service: dict[str, Any]) -> None:
    """Every entry of a service's maps may be `false`, which merging takes out before the model sees it."""
    for section in service.get("properties", {}).values():
        for name, entry in section.get("patternProperties", {}).items():
            section["patternProperties"][name] = {"anyOf": [entry, REMOVED]}
