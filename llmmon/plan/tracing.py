"""Traces: how much of them is kept, by whom, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from decimal import Decimal

    from llmmon.plan.fleet import Secret, Version
    from llmmon.problem import Origin


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of all traces, 0 to 1, or at most so many of them per second."""

    kind: Literal["probabilistic", "ratelimiting"]
    param: Decimal
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is kept of one service; `rate` is None where only some operations differ from the fleet."""

    name: str  # service.name in its spans
    rate: Rate | None
    operations: Mapping[str, Rate]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Storage:
    """Elasticsearch behind Jaeger."""

    hosts: tuple[str, ...]
    user: str | None
    password: Secret | None
    ca: str | None
    prefix: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Tracing:
    """All of it. `services` are the fleet's own words; `sampled` has every service, by name in the spans."""

    collector: Version
    jaeger: Version
    default: Rate
    services: Mapping[str, Sampling]
    at: Literal["head", "tail"]
    adaptive: bool
    errors: bool  # kept whatever the share says
    slower_than: timedelta | None
    wait: timedelta
    replicas: int
    samplers: str | None  # where the tier that samples is found, with more than one replica
    endpoint: str
    protocol: Literal["grpc", "http"]
    tls: Literal["off", "server", "mutual"]
    retention: timedelta
    storage: Storage
    origin: Origin
    sampled: Mapping[str, Sampling] = field(default_factory=dict)
