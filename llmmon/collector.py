"""Judges configurations of OpenTelemetry Collector, and of Jaeger 2 which is one, without running it.

What the collector refuses when it validates a configuration is an error here; what it takes, and what then loses spans
or decides on half a trace, is a warning. Only component types in the tables below are known; of others nothing is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.classes import frozen
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.problem import Keys

    Version = tuple[int, ...]
    Pipelines = Mapping[str, Mapping[str, Sequence[str]]]

NEWEST: Version = (0, 155)
KINDS = ("receivers", "processors", "exporters", "connectors", "extensions")
PARTS = ("receivers", "processors", "exporters")  # of a pipeline
SIGNALS = ("traces", "metrics", "logs", "profiles")

# (kind, type): the first version with it or without it, and what to write instead. Changelogs of the collector.
SINCE: Mapping[tuple[str, str], tuple[Version, str]] = {
    ("exporters", "otlp_grpc"): ((0, 144), "otlp"),
    ("exporters", "otlp_http"): ((0, 144), "otlphttp"),
    ("exporters", "debug"): ((0, 86), "logging"),
}
RENAMED: Mapping[tuple[str, str], tuple[Version, str]] = {
    ("exporters", "otlp"): ((0, 144), "otlp_grpc"),
    ("exporters", "otlphttp"): ((0, 144), "otlp_http"),
}
REMOVED: Mapping[tuple[str, str], tuple[Version, str]] = {
    ("exporters", "logging"): ((0, 111), "debug"),
    ("exporters", "jaeger"): ((0, 86), "otlp_grpc"),
    ("exporters", "jaeger_thrift"): ((0, 86), "otlp_http"),
    ("processors", "memory_ballast"): ((0, 111), "memory_limiter"),
    ("extensions", "memory_ballast"): ((0, 111), "memory_limiter"),
}
# What a connector takes in, and what comes out; None where it is the same.
CONNECTORS: Mapping[str, tuple[frozenset[str], frozenset[str] | None]] = {
    "forward": (frozenset({"traces", "metrics", "logs", "profiles"}), None),
    "spanmetrics": (frozenset({"traces"}), frozenset({"metrics"})),
    "servicegraph": (frozenset({"traces"}), frozenset({"metrics"})),
    "exceptions": (frozenset({"traces"}), frozenset({"metrics", "logs"})),
    "count": (frozenset({"traces", "metrics", "logs", "profiles"}), frozenset({"metrics"})),
}
ONLY: Mapping[tuple[str, str], frozenset[str]] = {
    ("processors", "tail_sampling"): frozenset({"traces"}),
    ("processors", "adaptive_sampling"): frozenset({"traces"}),
    ("processors", "probabilistic_sampler"): frozenset({"traces", "logs"}),
    ("exporters", "jaeger_storage_exporter"): frozenset({"traces"}),
}
SECRETS = frozenset({"password", "api_key", "token", "access_token", "client_secret", "key_pem", "authorization"})
SCHEMES = frozenset({"env", "file", "yaml", "http", "https"})

_TYPE = lazily.pattern(r"[A-Za-z][0-9A-Za-z_]{0,62}\Z")
_NAME = lazily.pattern(r"[^\s/\x00-\x1f\x7f$+<=>^`|~]{1,1024}\Z")
_VARIABLE = lazily.pattern(r"[A-Za-z_][A-Za-z0-9_]*(?::-.*)?\Z", re.DOTALL)
_DOLLAR = lazily.pattern(r"\$\$|\$\{([^}$]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")
_FROM_OUTSIDE = lazily.pattern(r"\s*(?:Bearer |Basic )?\$\{(?:env|file):[^}$]+\}\s*\Z")


@frozen
class Complaint:
    """What is wrong, and the way to the node."""

    code: str
    keys: Keys
    message: str
    level: Level = Level.ERROR


def escape(text: str) -> str:
    """A text as a value in which the collector expands nothing."""
    return text.replace("$", "$$")


def variable(name: str) -> str:
    """A reference to an environment variable; ValueError for a name that none can have."""
    if not _VARIABLE.match(name) or ":" in name:
        raise ValueError(f"{name!r} is no name of an environment variable")
    return f"${{env:{name}}}"


def problems(config: Any, version: Version = NEWEST, balanced: bool = False) -> Iterator[Complaint]:
    """All that is wrong with a configuration, as YAML gives it.

    `balanced` says that each trace comes to one instance whole, or that there is only one: else tail sampling is
    doubted.
    """
    shape = list(_shape(config)) or list(_ids(config))
    yield from shape
    if shape:
        return
    pipelines: Pipelines = config["service"]["pipelines"]
    yield from _names(config, version)
    yield from _ambiguous(config)
    yield from _references(config, pipelines)
    yield from _unused(config, pipelines)
    yield from _signals(pipelines)
    yield from _connected(config, pipelines)
    yield from _cycles(config, pipelines)
    for name, pipeline in pipelines.items():
        yield from _order(name, list(pipeline.get("processors") or ()), balanced)
    yield from _texts(config, ())
    yield from _jaeger(config)


def _shape(config: Any) -> Iterator[Complaint]:
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


def _ids(config: Mapping[str, Any]) -> Iterator[Complaint]:
    for kind in KINDS:
        for name in config.get(kind) or ():
            if why := _bad_id(name):
                yield Complaint("bad-id", (kind, name), f"{name!r} is no id: {why}")
    for name in config["service"]["pipelines"]:
        if why := _bad_id(name):
            yield Complaint("bad-id", ("service", "pipelines", name), f"{name!r} is no id: {why}")
        elif _type(name) not in SIGNALS:
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


def _type(name: str) -> str:
    return name.partition("/")[0].strip()


def _names(config: Mapping[str, Any], version: Version) -> Iterator[Complaint]:
    shown = ".".join(map(str, version))
    for kind in KINDS:
        for name in config.get(kind) or ():
            key = (kind, _type(name))
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


def _ambiguous(config: Mapping[str, Any]) -> Iterator[Complaint]:
    for name in config.get("connectors") or ():
        for kind in ("exporters", "receivers"):
            if name in (config.get(kind) or ()):
                message = f"{name!r} is a connector and one of the {kind}: rename one of them"
                yield Complaint("ambiguous-id", ("connectors", name), message)


def _references(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
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


def _unused(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
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


def _signals(pipelines: Pipelines) -> Iterator[Complaint]:
    for pipeline, parts in pipelines.items():
        for part in PARTS:
            for index, name in enumerate(parts.get(part) or ()):
                takes = ONLY.get((part, _type(name)))
                if takes and _type(pipeline) not in takes:
                    message = f"{name!r} takes {' and '.join(sorted(takes))}, not {_type(pipeline)}"
                    yield Complaint("wrong-signal", ("service", "pipelines", pipeline, part, index), message)


# Connectors join pipelines: what one exports the other receives.


def _connected(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
    sides = {"exporters": "receivers", "receivers": "exporters"}
    for name in config.get("connectors") or ():
        for side, other in sides.items():
            there = [pipeline for pipeline, parts in pipelines.items() if name in (parts.get(other) or ())]
            for pipeline, parts in pipelines.items():
                if name not in (parts.get(side) or ()):
                    continue
                pairs = [(pipeline, to) if side == "exporters" else (to, pipeline) for to in there]
                if any(_carries(name, *pair) for pair in pairs):
                    continue
                message = f"the connector {name!r} is among the {side} of {pipeline!r}, and among the {other} of no "
                message += "pipeline" + (" whose signal it knows" if there else "")
                keys = ("service", "pipelines", pipeline, side, list(parts[side]).index(name))
                yield Complaint("half-connected", keys, message)


def _carries(connector: str, start: str, end: str) -> bool:
    known = CONNECTORS.get(_type(connector))
    if known is None:
        return True
    takes, gives = known
    return _type(start) in takes and (_type(start) == _type(end) if gives is None else _type(end) in gives)


def _cycles(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
    fed: dict[str, list[str]] = {name: [] for name in config.get("connectors") or ()}
    for end, parts in pipelines.items():
        for connector in parts.get("receivers") or ():
            fed.get(connector, []).append(end)
    edges = {
        start: [
            (connector, end)
            for connector in parts.get("exporters") or ()
            for end in fed.get(connector, ())
            if _carries(connector, start, end)
        ]
        for start, parts in pipelines.items()
    }
    done: set[str] = set()
    for first in pipelines:
        if first not in done and (way := _cycle(first, edges, done)):
            message = f"{_type(way[0])} go round in a circle, {' -> '.join(way)}: take one of these connectors out"
            yield Complaint("cycle", ("service", "pipelines", way[0]), message)
            return  # the collector, too, names one


def _cycle(first: str, edges: Mapping[str, Sequence[tuple[str, str]]], done: set[str]) -> list[str]:
    """Pipelines and connectors of a circle, in turn; with a stack, for chains may be long."""
    way, ahead, here = [first], [iter(edges[first])], {first: 0}
    while ahead:
        step = next(ahead[-1], None)
        if step is None:
            done.add(way[-1])
            del here[way[-1]], way[-2:]
            ahead.pop()
            continue
        connector, end = step
        if end in here:
            return [*way[here[end] :], connector, end]
        if end not in done:
            here[end] = len(way) + 1
            way += [connector, end]
            ahead.append(iter(edges[end]))
    return []


# The order of processors: the collector takes any, and spans are lost or counted twice.


def _order(pipeline: str, names: Sequence[str], balanced: bool) -> Iterator[Complaint]:
    types = [_type(name) for name in names]

    def doubt(code: str, index: int, message: str) -> Complaint:
        return Complaint(code, ("service", "pipelines", pipeline, "processors", index), message, Level.WARNING)

    if "memory_limiter" in types[1:]:
        index = types.index("memory_limiter", 1)
        if types[0] != "memory_limiter":
            yield doubt("memory-limiter-late", index, "memory_limiter refuses what is too much: put it first")
    for index, kind in enumerate(types[:-1]):
        after = [other for other in types[index + 1 :] if other not in ("batch", "adaptive_sampling")]
        if kind == "batch" and after:
            yield doubt("batch-early", index, f"batch is undone by {after[0]} behind it: put batch last")
        if kind == "probabilistic_sampler" and "tail_sampling" in after:
            yield doubt("sampled-twice", index, "tail_sampling sees what probabilistic_sampler leaves: keep one")
    if "tail_sampling" in types and not balanced:
        message = (
            "tail_sampling needs all spans of a trace: run one instance, or send traces through the loadbalancing "
            "exporter with routing_key: traceID"
        )
        yield doubt("tail-sampling-alone", types.index("tail_sampling"), message)


# Texts: what is expanded, and what must not be there.


def _texts(value: Any, keys: Keys) -> Iterator[Complaint]:
    """Every text of the tree, with a stack: a file from elsewhere may be deep."""
    stack: list[tuple[Any, Keys]] = [(value, keys)]
    while stack:
        value, keys = stack.pop()
        if isinstance(value, dict):
            stack += [(item, (*keys, key)) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            stack += [(item, (*keys, index)) for index, item in reversed(list(enumerate(value)))]
        elif isinstance(value, str):
            yield from _expanded(value, keys)
        if keys and str(keys[-1]).lower() in SECRETS and _plain(value):
            message = f"{keys[-1]} is a secret in plain text: write ${{env:NAME}} or ${{file:PATH}}"
            yield Complaint("secret-value", keys, message)


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return value != "" and not _FROM_OUTSIDE.match(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _expanded(text: str, keys: Keys) -> Iterator[Complaint]:
    for match in _DOLLAR.finditer(text):
        inside, bare = match[1], match[2]
        if bare is not None:
            message = f"${bare} is not expanded any more: write ${{env:{bare}}}, or $${bare} for the text itself"
            yield Complaint("bare-variable", keys, message)
        if inside is None:
            continue
        scheme, colon, rest = inside.partition(":")
        if not colon or rest.startswith("-"):
            scheme, rest = "env", inside
        if scheme not in SCHEMES:
            yield Complaint("unknown-scheme", keys, f"${{{inside}}}: nothing reads {scheme!r}: write ${{env:NAME}}")
        elif scheme == "env" and not _VARIABLE.match(rest):
            message = f"${{{inside}}}: {rest!r} is no name of an environment variable"
            yield Complaint("bad-variable", keys, message)


# Jaeger's own components name each other.


def _jaeger(config: Mapping[str, Any]) -> Iterator[Complaint]:
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
    adaptive = any(_type(name) == "adaptive_sampling" for name in config.get("processors") or ())
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
        if _type(name) == wanted
    ]


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
