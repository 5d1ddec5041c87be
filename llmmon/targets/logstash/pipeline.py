"""What the template of a pipeline is filled with, and where each plugin of it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon.logstash.escape import quote
from llmmon.logstash.nodes import plugins
from llmmon.lower.logs import DATE_FAILURE
from llmmon.plan import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon import logstash
    from llmmon.plan import Fleet, Pipeline
    from llmmon.problem import Keys, Origin

LINE_LIMIT = 20 * 1024 * 1024  # bytes; without it a client that sends no newline fills the memory
LIMITED = (9, 0)  # the first whose json_lines surely knows the limit


def values(pipeline: Pipeline, fleet: Fleet, spec: str) -> dict[str, Any]:
    """What `pipeline.conf.j2` names; texts are quoted by the template's filters."""
    service = pipeline.service
    names = ("raw", "json", "unread", "service", "timestamp", "level", "words", "unknown", "redact", "index")
    removed = [entry.field for entry in pipeline.redactions if entry.how == "remove"]
    first = {part.field.strip("[]") for part in (pipeline.timestamp, pipeline.level) if part}
    read = [_extraction(pipeline, index) for index in range(len(pipeline.extractions))]
    return {
        "spec": "".join(char if char.isprintable() else " " for char in spec),
        "service": service,
        "ids": {name: f"{service}-{name}" for name in (*names, "failures", "elasticsearch")},
        "line_limit": LINE_LIMIT if fleet.versions.get("logstash", ()) >= LIMITED else None,
        "inputs": [_input(pipeline, index) for index in range(len(pipeline.inputs))],
        "json": pipeline.json,
        "timestamp": pipeline.timestamp,
        "formats": list(pipeline.timestamp.formats) if pipeline.timestamp else [],
        "date_failure": DATE_FAILURE,
        "level": pipeline.level,
        "level_renamed": pipeline.level and pipeline.level.field not in ("level", "[level]"),
        "words": _words(pipeline),
        "read_first": [entry for entry in read if entry["field"] in first],  # what time and level are read from
        "extractions": [entry for entry in read if entry["field"] not in first],
        "hashed": [
            {"name": entry.field, "id": _redact_id(service, entry.field)}
            for entry in pipeline.redactions
            if entry.how == "hash"
        ],
        # With ECS compatibility, inputs keep a copy of the whole line there.
        "removed": [*removed, "[event][original]"] if pipeline.redactions else [],
        "index": pipeline.index,
        "failures": pipeline.failures,
        "failed": [f"{quote(tag)} in [tags]" for tag in pipeline.failed],
        "elasticsearch": _elasticsearch(fleet.elasticsearch),
    }


def origins(pipeline: Pipeline, fleet: Fleet) -> dict[Keys, Origin]:
    """By the id of each plugin; the rest is the pipeline's."""
    service = pipeline.service
    found: dict[Keys, Origin] = {(): pipeline.origin}
    found |= {(f"{service}-{entry.kind}",): entry.origin for entry in pipeline.inputs}
    for entry in pipeline.extractions:
        found[(f"{service}-grok-{entry.field}",)] = entry.origin.at("pattern")
        found[(f"{service}-convert-{entry.field}",)] = entry.origin
    found |= {(_redact_id(service, entry.field),): entry.origin for entry in pipeline.redactions if entry.how == "hash"}
    for name in ("raw", "json", "unread"):
        found[(f"{service}-{name}",)] = pipeline.origin.at("json")
    for name in ("redact", "index", "failures"):
        found[(f"{service}-{name}",)] = pipeline.origin.at(name)
    if pipeline.timestamp:
        found[(f"{service}-timestamp",)] = pipeline.timestamp.origin
    if pipeline.level:
        found |= {(f"{service}-{name}",): pipeline.level.origin for name in ("level", "words", "unknown")}
    found[(f"{service}-elasticsearch",)] = fleet.origin.at("elasticsearch")
    return found


def origin_at(config: logstash.Config, origins: Mapping[Keys, Origin], offset: int) -> Origin:
    """Of the plugin around that place, or of the next one where it is a condition."""
    for kind, plugin in plugins(config):
        attribute = plugin.attribute("id")
        if kind != "codec" and plugin.span[1] > offset and attribute:
            value = attribute.value
            return origins.get((getattr(value, "text", ""),), origins[()])
    return origins[()]


def _input(pipeline: Pipeline, index: int) -> dict[str, Any]:
    entry = pipeline.inputs[index]
    return {
        "id": f"{pipeline.service}-{entry.kind}",
        **{
            name: getattr(entry, name)
            for name in ("kind", "codec", "tls", "host", "port", "topics", "servers", "group")
        },
    }


def _words(pipeline: Pipeline) -> list[tuple[str, str]]:
    words = pipeline.level.words if pipeline.level else {}
    return [(level, rf"\A(?:{'|'.join(map(re.escape, known))})\z") for level, known in words.items()]


def _extraction(pipeline: Pipeline, index: int) -> dict[str, Any]:
    entry = pipeline.extractions[index]
    return {
        "id": f"{pipeline.service}-grok-{entry.field}",
        "convert_id": f"{pipeline.service}-convert-{entry.field}",
        "definitions": sorted(entry.definitions.items()),
        **{name: getattr(entry, name) for name in ("field", "source", "when", "pattern", "tag", "failure", "convert")},
    }


def _elasticsearch(spec: Mapping[str, Any]) -> dict[str, Any]:
    hosts = [host if "://" in host else f"https://{host}" for host in spec.get("hosts", ())]
    if spec.get("api_key"):
        credentials = [("api_key", _reference(spec["api_key"]))]
    else:
        user = spec.get("user") or "${ES_USER}"
        credentials = [("user", user), ("password", _reference(spec.get("password")) or "${ES_PASSWORD}")]
    tls = all(host.startswith("https://") for host in hosts)
    return {"hosts": hosts, "tls": tls, "ca": spec.get("ca"), "credentials": credentials}


def _reference(value: Secret | str | None) -> str | None:
    """A secret as the environment variable, or the entry of Logstash's keystore, that holds it."""
    if not isinstance(value, Secret):
        return value
    name = re.sub(r"[^A-Za-z0-9]+", "_", f"{value.name}_{value.key}").upper()
    return f"${{{name if name[0].isalpha() else f'SECRET_{name}'}}}"


def _redact_id(service: str, field: str) -> str:
    return f"{service}-hash-{field.strip('[]').replace('][', '.')}"
