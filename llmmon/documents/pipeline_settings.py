"""pipelines.yml of Logstash: which pipelines it runs, and from which files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmmon.problem import Origin


@frozen
class Settings:
    """The whole file; each entry is one pipeline."""

    entries: tuple[tuple[Mapping[str, Any], Origin], ...]
    origin: Origin


def is_settings(value: object) -> TypeGuard[list[dict[str, Any]]]:
    """Whether a document is a list of pipelines."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) for item in value)
        and any("pipeline.id" in item for item in value)
    )


def read(value: Sequence[Mapping[str, Any]], origin: Origin) -> Settings:
    """The pipelines of the file."""
    return Settings(tuple((entry, origin.at(index)) for index, entry in enumerate(value)), origin)
