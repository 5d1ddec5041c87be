"""Health endpoints of a service, and the probes by which Kubernetes asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.problem import Origin

Role = Literal["liveness", "readiness", "startup"]
ROLES: tuple[Role, ...] = ("liveness", "readiness", "startup")
Port = int | str  # a number, or the name of a port that the container declares


@frozen
class Http:
    """A GET that any status from 200 to 399 answers."""

    path: str
    port: Port


@frozen
class Grpc:
    """The gRPC health checking protocol; its port is always a number."""

    port: int
    service: str | None


@frozen
class Tcp:
    """A connection that opens."""

    port: Port


@frozen
class Exec:
    """A command in the container that ends with 0; no shell is involved."""

    command: tuple[str, ...]


Handler = Http | Grpc | Tcp | Exec


@frozen
class Probe:
    """One probe. All times are whole seconds, at least one."""

    role: Role
    handler: Handler
    period: timedelta
    timeout: timedelta
    failures: int
    successes: int  # 1 for liveness and startup
    grace: timedelta | None  # instead of the pod's terminationGracePeriodSeconds; never for readiness
    origin: Origin

    @property
    def budget(self) -> timedelta:
        """How long a container may fail before Kubernetes acts."""
        return self.period * self.failures


@frozen
class Health:
    """Probes by role, in the order of ROLES, and the paths of detailed endpoints, which no probe asks."""

    port: Port | None
    probes: Mapping[Role, Probe]
    components: Mapping[str, str]
    origin: Origin
