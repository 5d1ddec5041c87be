"""Tracing: a collector's configuration, Jaeger 2's, the sampling that SDKs ask for, and what removes old spans.

Jaeger 2 is a collector with storage and a user interface. Jaeger 1, its operator and `kind: Jaeger` are past their
end, so nothing is written for them.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon.dump import json_text, notice, yaml_text
from llmmon.target import Artifact, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Keys, Origin, Problem
    from llmmon.target import Written
    from llmmon.tool import Tools

COLLECTOR = PurePosixPath("otel/collector.yaml")
SAMPLER = PurePosixPath("otel/sampler.yaml")  # the second tier, where a trace is decided on
JAEGER = PurePosixPath("jaeger/config.yaml")
STRATEGIES = PurePosixPath("jaeger/sampling.json")
CLEANER = PurePosixPath("jaeger/index-cleaner.yaml")


def emit(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:  # noqa: ARG001 - traces need no alerts
    """What is below `otel/` and `jaeger/`, where the fleet has tracing."""
    tracing = fleet.tracing
    if tracing is None:
        return
    from llmmon.targets.tracing import jaeger, otel

    def artifact(path: PurePosixPath, value: Any, origins: Mapping[Keys, Origin]) -> Artifact:
        spec = fleet.origin.document.path
        text = json_text(value) if path.suffix == ".json" else yaml_text(value, notice(spec))
        return Artifact(path, text, {(): tracing.origin, **origins}, spec)

    yield artifact(COLLECTOR, otel.collector(tracing), otel.origins(tracing))
    if tracing.samplers:
        yield artifact(SAMPLER, otel.sampler(tracing), otel.origins(tracing))
    yield artifact(JAEGER, jaeger.config(tracing), jaeger.origins(tracing))
    if not tracing.adaptive:
        yield artifact(STRATEGIES, jaeger.strategies(tracing), jaeger.strategy_origins(tracing))
    yield artifact(
        CLEANER,
        jaeger.cleaner(tracing, fleet.deploy.namespace if fleet.deploy else None),
        {("spec",): tracing.origin.at("retention")},
    )


def verify(
    fleet: Fleet,
    facts: Iterable[Facts],
    scratch: Path,  # noqa: ARG001 - the contract's arguments
    written: Sequence[Written],  # noqa: ARG001 - has one folder of the two
    tools: Tools,  # noqa: ARG001 - no tool is asked
) -> Iterator[Problem]:
    """What the collector and Jaeger would refuse, said by our own validator: no tool is needed."""
    from llmmon.targets.tracing.proof import problems

    for artifact in emit(fleet, tuple(facts)):
        yield from problems(artifact, fleet)


TARGET = Target("tracing", of_fleet=emit, verify=verify)
