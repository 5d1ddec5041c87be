"""JSON Schemas of the spec files, for editors and for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import dump
from llmmon.spec.fleet import Fleet
from llmmon.spec.service import SpecFile, System

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = {"service": SpecFile, "system": System, "fleet": Fleet}


def text(kind: str) -> str:
    """The schema of a kind of spec file, as JSON."""
    schema: dict[str, Any] = KINDS[kind].model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"llmmon {kind}"}
    return dump.json_text({**head, **{key: value for key, value in schema.items() if key != "title"}})


def write(folder: Path) -> Iterator[Path]:
    """One file per kind; only what has changed is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        path = folder / f"{kind}.json"
        wanted = text(kind)
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            path.write_text(wanted, encoding="utf-8")
        yield path
