"""Components by name: a version lacks them, nobody configured or nobody uses them, or they take other signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.collector.components import KINDS, ONLY, PARTS, REMOVED, RENAMED, SINCE, Complaint, type_of
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.collector.components import Pipelines, Version


def names(config: Mapping[str, Any], version: Version) -> Iterator[Complaint]:
    """Types that this version has no more, has not yet, or calls otherwise."""
    shown = ".".join(map(str, version))
    for kind in KINDS:
        for name in config.get(kind) or ():
            key = (kind, type_of(name))
            if key in SINCE and version < SINCE[key][0]:
                message = f"{kind[:-1]} {key[1]!r} is not in version {shown} yet: write {SINCE[key][1]}"
                yield Complaint("too-new", (kind, name), message)
            if key in REMOVED and version >= REMOVED[key][0]:
                since = ".".join(map(str, REMOVED[key][0]))
                message = f"{kind[:-1]} {key[1]!r} is gone since version {since}: write {REMOVED[key][1]}"
                yield Complaint("removed", (kind, name), message)
            elif key in RENAMED and version >= RENAMED[key][0]:
                message = f"{kind[:-1]} {key[1]!r} has another name by now: write {RENAMED[key][1]}"
                yield Complaint("renamed", (kind, name), message, Level.WARNING)


def ambiguous(config: Mapping[str, Any]) -> Iterator[Complaint]:
    """Ids that are a connector and something else."""
    for name in config.get("connectors") or ():
        for kind in ("exporters", "receivers"):
            if name in (config.get(kind) or ()):
                message = f"{name!r} is a connector and one of the {kind}: rename one of them"
                yield Complaint("ambiguous-id", ("connectors", name), message)


def unknown(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
    """Ids that the service names, and nobody configured."""
    for index, name in enumerate(config["service"].get("extensions") or ()):
        if name not in (config.get("extensions") or ()):
            message = f"the extension {name!r} is not configured: add it, or remove it"
            yield Complaint("unknown-reference", ("service", "extensions", index), message)
    connectors = config.get("connectors") or ()
    for pipeline, parts in pipelines.items():
        for part in PARTS:
            known = {*(config.get(part) or ()), *(() if part == "processors" else connectors)}
            seen: set[str] = set()
            for index, name in enumerate(parts.get(part) or ()):
                place = ("service", "pipelines", pipeline, part, index)
                if name not in known:
                    message = f"the {part[:-1]} {name!r} is not configured: add it, or remove it"
                    yield Complaint("unknown-reference", place, message)
                if name in seen:
                    level = Level.ERROR if part == "processors" else Level.WARNING
                    message = f"the {part[:-1]} {name!r} stands in this pipeline twice: remove one"
                    yield Complaint("duplicate", place, message, level)
                seen.add(name)


def unused(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
    """What is configured, and nobody names."""
    used = {part: {name for parts in pipelines.values() for name in parts.get(part) or ()} for part in PARTS}
    used["extensions"] = {*(config["service"].get("extensions") or ())}
    for kind in ("receivers", "processors", "exporters", "extensions"):
        for name in config.get(kind) or ():
            if name not in used[kind]:
                message = f"nothing uses the {kind[:-1]} {name!r}: name it in the service, or remove it"
                yield Complaint("unused", (kind, name), message, Level.WARNING)
    for name in config.get("connectors") or ():
        if name not in used["receivers"] | used["exporters"]:
            message = f"nothing uses the connector {name!r}: name it in two pipelines, or remove it"
            yield Complaint("unused", ("connectors", name), message, Level.WARNING)


def signals(pipelines: Pipelines) -> Iterator[Complaint]:
    """Components in a pipeline of a signal that they do not take."""
    for pipeline, parts in pipelines.items():
        for part in PARTS:
            for index, name in enumerate(parts.get(part) or ()):
                takes = ONLY.get((part, type_of(name)))
                if takes and type_of(pipeline) not in takes:
                    message = f"{name!r} takes {' and '.join(sorted(takes))}, not {type_of(pipeline)}"
                    yield Complaint("wrong-signal", ("service", "pipelines", pipeline, part, index), message)
