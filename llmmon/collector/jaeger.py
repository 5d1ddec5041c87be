"""Jaeger's own components name each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.collector.components import Complaint, type_of
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys


def storage(config: Mapping[str, Any]) -> Iterator[Complaint]:
    """Storage that is configured in the wrong way, or named and not configured."""
    storage = _settings(config, "extensions", "jaeger_storage")
    backends = next((value.get("backends") or {} for _, value in storage), {})
    for name, backend in backends.items() if isinstance(backends, dict) else ():
        if not isinstance(backend, dict) or len(backend) != 1:
            message = f"the backend {name!r} needs exactly one kind of storage, such as elasticsearch"
            yield Complaint("jaeger-backend", (*storage[0][0], "backends", name), message)
    named = [
        (*keys, "storage", part)
        for keys, value in _settings(config, "extensions", "jaeger_query")
        for part in ("traces", "traces_archive")
        if part == "traces" or part in (value.get("storage") or {})
    ]
    named += [(*keys, "trace_storage") for keys, _ in _settings(config, "exporters", "jaeger_storage_exporter")]
    named += [
        (*keys, "adaptive", "sampling_store")
        for keys, value in _settings(config, "extensions", "remote_sampling")
        if "adaptive" in value
    ]
    for keys in named:
        name = _at(config, keys)
        if not isinstance(name, str) or name not in backends:
            message = f"{keys[-1]} names {name!r}, and jaeger_storage has no such backend"
            yield Complaint("jaeger-storage", keys, message)
    adaptive = any(type_of(name) == "adaptive_sampling" for name in config.get("processors") or ())
    for keys, value in _settings(config, "extensions", "remote_sampling"):
        if ("file" in value) == ("adaptive" in value):
            message = "remote_sampling takes its shares from a file, or finds them itself: write file or adaptive"
            yield Complaint("jaeger-sampling", keys, message)
        elif "adaptive" in value and not adaptive:
            message = "adaptive sampling counts traces in the processor adaptive_sampling: add it to the pipeline"
            yield Complaint("jaeger-sampling", keys, message, Level.WARNING)


def _settings(config: Mapping[str, Any], kind: str, wanted: str) -> list[tuple[Keys, Mapping[str, Any]]]:
    return [
        ((kind, name), value if isinstance(value, dict) else {})
        for name, value in (config.get(kind) or {}).items()
        if type_of(name) == wanted
    ]


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
