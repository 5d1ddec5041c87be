"""Reads the artifacts back as data, and says what the collector or Jaeger would refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.collector import check
from llmmon.collector.components import NEWEST
from llmmon.plan.tracing import MOST_PER_SECOND
from llmmon.problem import Level, Problem
from llmmon.source.composer import LOADER
from llmmon.targets.tracing import COLLECTOR, JAEGER, SAMPLER, STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan import Fleet
    from llmmon.problem import Keys, Origin
    from llmmon.target import Artifact

TYPES = ("probabilistic", "ratelimiting")


def problems(artifact: Artifact, fleet: Fleet) -> Iterator[Problem]:
    """What is wrong with an artifact; doubts stay warnings."""
    tracing = fleet.tracing
    if tracing is None:
        return
    if artifact.path in (COLLECTOR, SAMPLER, JAEGER):
        config = yaml.load(artifact.text, Loader=LOADER)  # noqa: S506 - it is safe
        version = NEWEST if artifact.path == JAEGER else tracing.collector
        balanced = tracing.replicas == 1 or artifact.path == SAMPLER
        for found in check.problems(config, version, balanced):
            yield _problem(artifact, found.keys, found.message, f"collector-{found.code}", found.level)
    elif artifact.path == STRATEGIES:
        for keys, message in strategy_faults(json.loads(artifact.text)):
            yield _problem(artifact, keys, message, "jaeger-strategies")


def strategy_faults(value: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """What Jaeger would drop or refuse in a file of sampling strategies, with the way to it."""
    if "default_strategy" not in value:
        yield (), "without default_strategy Jaeger keeps one trace of a thousand: write it"
    else:
        yield from _faults(value["default_strategy"], ("default_strategy",))
    seen: set[str] = set()
    for index, strategy in enumerate(value.get("service_strategies", ())):
        keys: Keys = ("service_strategies", index)
        name = strategy.get("service")
        if not isinstance(name, str) or not name:
            yield keys, "a strategy of a service needs its name: write service"
        elif name in seen:
            yield keys, f"{name!r} has a strategy already, and the last one wins: keep one"
        seen.add(str(name))
        yield from _faults(strategy, keys)


def _faults(strategy: Mapping[str, Any], keys: Keys, types: tuple[str, ...] = TYPES) -> Iterator[tuple[Keys, str]]:
    kind, param = strategy.get("type"), strategy.get("param")
    number = isinstance(param, int | float) and not isinstance(param, bool)
    if kind not in types:
        yield (*keys, "type"), f"{kind!r} is no strategy here: write {' or '.join(types)}"
    elif not number or param is None:
        yield (*keys, "param"), f"param is a number, not {param!r}"
    elif kind == "probabilistic" and not 0 <= param <= 1:
        yield (*keys, "param"), f"a probability is from 0 to 1, not {param!r}"
    elif kind == "ratelimiting" and (param % 1 or not 0 <= param <= MOST_PER_SECOND):
        yield (*keys, "param"), f"traces per second are a whole number up to {MOST_PER_SECOND}, not {param!r}"
    for index, operation in enumerate(strategy.get("operation_strategies", ())):
        here = (*keys, "operation_strategies", index)
        if not operation.get("operation"):
            yield here, "a strategy of an operation needs its name: write operation"
        yield from _faults(operation, here, TYPES[:1])


def _problem(artifact: Artifact, keys: Keys, message: str, rule: str, level: Level = Level.ERROR) -> Problem:
    return Problem(_origin(artifact.origins, keys), f"{artifact.path}: {message}", rule, level)


def _origin(origins: Mapping[Keys, Origin], keys: Keys) -> Origin:
    return next(origins[keys[:end]] for end in range(len(keys), -1, -1) if keys[:end] in origins)
