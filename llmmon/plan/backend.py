"""The engine that a fleet scales with, and which rules run where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.fleet import Secret
    from llmmon.plan.rules import Group
    from llmmon.plan.server import Access
    from llmmon.problem import Origin


@frozen
class Agent:
    """Each Prometheus only sends. `receiver`: another one, of ours, receives and evaluates."""

    receiver: bool
    least: timedelta | None
    most: timedelta | None
    origin: Origin


@frozen
class Mimir:
    """Mimir's ruler evaluates everything."""

    url: str  # without a path
    access: Access
    tenant: str  # of everything, where nothing divides
    divided: Literal["environment", "team"] | None
    federated: bool
    alertmanager: bool
    agent: bool
    groups: int  # what the ruler allows a tenant
    rules: int  # and a group
    origin: Origin
    jobs: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by team, those that no other team has

    def tenant_of(self, team: str, environment: str) -> str:
        """Whose rules and series these are."""
        return {"environment": environment, "team": team, None: self.tenant}[self.divided]


@frozen
class Thanos:
    """Each Prometheus evaluates what it has the samples for, and rulers the rest."""

    storage: Secret
    receive: str | None  # a sidecar where there is none
    access: Access
    tenant: str | None
    query: tuple[str, ...]
    frontend: str | None
    shards: int
    partial: Literal["abort", "warn"]
    retention: timedelta  # how far back a Prometheus sees
    labels: Mapping[str, str]  # what series get where they leave their Prometheus
    origin: Origin


Backend = Agent | Mimir | Thanos


@frozen
class Central:
    """A group that the engine's own ruler evaluates, in Mimir on the series of `sources`, if not of its tenant."""

    group: Group
    sources: tuple[str, ...] = ()


@frozen
class Placed:
    """Where a rule runs. `why` says what keeps it from running in its Prometheus; None where nothing does."""

    group: str
    rule: str
    looks_back: timedelta
    why: str | None
