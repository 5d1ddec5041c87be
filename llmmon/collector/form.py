"""Whether a text is a configuration at all: maps, lists, and the ids of components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.collector.components import KINDS, PARTS, SIGNALS, Complaint, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys

_TYPE = lazily.pattern(r"[A-Za-z][0-9A-Za-z_]{0,62}\Z")
_NAME = lazily.pattern(r"[^\s/\x00-\x1f\x7f$+<=>^`|~]{1,1024}\Z")


def shape(config: Any) -> Iterator[Complaint]:
    """Whether it is a configuration at all; the rest may then take that for granted."""
    if not isinstance(config, dict):
        yield Complaint("not-a-map", (), "a configuration is a map with receivers, exporters and service")
        return
    for key in config:
        if key not in (*KINDS, "service"):
            yield Complaint("unknown-key", (key,), f"the collector knows no {key!r}: use {', '.join(KINDS)}, service")
    for kind in KINDS:
        if kind in config and not isinstance(config[kind] or {}, dict):
            yield Complaint("not-a-map", (kind,), f"{kind} is a map from ids to settings")
    for kind in ("receivers", "exporters"):
        if not config.get(kind) and not config.get("connectors"):
            yield Complaint("missing", (), f"there are no {kind}: configure one")
    service = config.get("service")
    if not isinstance(service, dict) or not service.get("pipelines"):
        yield Complaint("missing", ("service",), "the service has no pipeline: write one, such as traces")
        return
    for key in service:
        if key not in ("extensions", "pipelines", "telemetry"):
            yield Complaint("unknown-key", ("service", key), f"the service knows no {key!r}")
    if not _is_list(service.get("extensions")):
        yield Complaint("not-a-list", ("service", "extensions"), "extensions is a list of ids")
    if not isinstance(service["pipelines"], dict):
        yield Complaint("not-a-map", ("service", "pipelines"), "pipelines is a map from ids to pipelines")
        return
    for name, pipeline in service["pipelines"].items():
        yield from _pipeline_shape(("service", "pipelines", name), pipeline)


def _pipeline_shape(keys: Keys, pipeline: Any) -> Iterator[Complaint]:
    if not isinstance(pipeline, dict):
        yield Complaint("not-a-map", keys, "a pipeline is a map with receivers, processors and exporters")
        return
    for part in pipeline:
        if part not in PARTS:
            yield Complaint("unknown-key", (*keys, part), f"a pipeline knows no {part!r}")
    for part in PARTS:
        if not _is_list(pipeline.get(part)):
            yield Complaint("not-a-list", (*keys, part), f"{part} of a pipeline is a list of ids")
        elif not pipeline.get(part) and part != "processors":
            yield Complaint("missing", keys, f"the pipeline {keys[-1]!r} has no {part}: name at least one")


def _is_list(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def ids(config: Mapping[str, Any]) -> Iterator[Complaint]:
    """Ids that are none."""
    for kind in KINDS:
        for name in config.get(kind) or ():
            if why := _bad_id(name):
                yield Complaint("bad-id", (kind, name), f"{name!r} is no id: {why}")
    for name in config["service"]["pipelines"]:
        if why := _bad_id(name):
            yield Complaint("bad-id", ("service", "pipelines", name), f"{name!r} is no id: {why}")
        elif type_of(name) not in SIGNALS:
            message = f"{name!r} is no pipeline: its type is one of {', '.join(SIGNALS)}, as in traces/in"
            yield Complaint("bad-id", ("service", "pipelines", name), message)


def _bad_id(name: Any) -> str | None:
    if not isinstance(name, str):
        return "it is no text"
    kind, slash, rest = name.partition("/")
    if not _TYPE.match(kind.strip()):
        return "a type is letters, digits and _, and begins with a letter"
    if slash and not _NAME.match(rest.strip()):
        return "behind the / stands a name without spaces and symbols"
    return None
