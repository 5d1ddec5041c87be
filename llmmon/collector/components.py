"""What a configuration is made of: the kinds of components, which of them a version has, and what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


@frozen
class Complaint:
    """What is wrong, and the way to the node."""

    code: str
    keys: Keys
    message: str
    level: Level = Level.ERROR


def type_of(name: str) -> str:
    return name.partition("/")[0].strip()
