"""All that is wrong with a configuration of OpenTelemetry Collector.

What the collector refuses when it validates a configuration is an error here; what it takes, and what then loses spans
or decides on half a trace, is a warning. Only component types in our tables are known; of others nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.collector import connections, form, jaeger, references, texts
from llmmon.collector.components import NEWEST, Complaint, type_of
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.collector.components import Pipelines, Version


def problems(config: Any, version: Version = NEWEST, balanced: bool = False) -> Iterator[Complaint]:
    """All that is wrong with a configuration, as YAML gives it.

    `balanced` says that each trace comes to one instance whole, or that there is only one: else tail sampling is
    doubted.
    """
    shape = list(form.shape(config)) or list(form.ids(config))
    yield from shape
    if shape:
        return
    pipelines: Pipelines = config["service"]["pipelines"]
    yield from references.names(config, version)
    yield from references.ambiguous(config)
    yield from references.unknown(config, pipelines)
    yield from references.unused(config, pipelines)
    yield from references.signals(pipelines)
    yield from connections.connected(config, pipelines)
    yield from connections.cycles(config, pipelines)
    for name, pipeline in pipelines.items():
        yield from _order(name, list(pipeline.get("processors") or ()), balanced)
    yield from texts.expansions(config, ())
    yield from jaeger.storage(config)


def _order(pipeline: str, names: Sequence[str], balanced: bool) -> Iterator[Complaint]:
    types = [type_of(name) for name in names]

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
