"""Traces: how much of them is kept, by whom, and for how long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from decimal import Decimal

    from llmmon.plan.fleet import Secret, Version
    from llmmon.problem import Origin

GRPC_PORT, HTTP_PORT, HEALTH_PORT, METRICS_PORT = 4317, 4318, 13133, 8888  # of the collector and of Jaeger
UI_PORT, QUERY_PORT, SAMPLING_HTTP, SAMPLING_GRPC = 16686, 16685, 5778, 5779  # of Jaeger
COLLECTOR_TLS, JAEGER_TLS = "/etc/otel/tls", "/etc/jaeger/tls"  # mounted kubernetes.io/tls Secrets, and ca.crt
SAMPLING = "/etc/jaeger/sampling.json"
AUTHORITY = "jaeger-elasticsearch-ca"  # the ConfigMap that holds the authority of Elasticsearch's certificate
MOST_PER_SECOND = 32_767  # Jaeger reads the rate into 16 bits, and a fraction of a trace as none


@frozen
class Rate:
    """A share of all traces, 0 to 1, or at most so many of them per second."""

    kind: Literal["probabilistic", "ratelimiting"]
    param: Decimal
    origin: Origin


@frozen
class Sampling:
    """What is kept of one service; `rate` is None where only some operations differ from the fleet."""

    name: str  # service.name in its spans
    rate: Rate | None
    operations: Mapping[str, Rate]
    origin: Origin


@frozen
class Storage:
    """Elasticsearch behind Jaeger."""

    hosts: tuple[str, ...]
    user: str | None
    password: Secret | None
    ca: str | None
    prefix: str | None
    origin: Origin


@frozen
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


def secret_variable(secret: Secret) -> str:
    """The environment variable in which Jaeger finds a secret."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", f"{secret.name}_{secret.key}").upper()
    return f"_{name}" if name[0].isdigit() else name
