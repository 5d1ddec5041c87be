"""The engine that a fleet scales with: what it needs of the rest of the fleet, and what contradicts it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import replace
from llmmon.lower.access import lower_access
from llmmon.plan import Secret
from llmmon.plan import backend as plan
from llmmon.plan.server import Access
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.problem import Origin
    from llmmon.spec import backend as spec
    from llmmon.spec.fleet import Fleet
    from llmmon.spec.server import Server

DEFAULT_RETENTION = timedelta(days=15)  # Prometheus's own
SHORTEST = timedelta(hours=6)  # three blocks of two hours: less may be gone before the sidecar has sent it
REPLICA, MIMIR_REPLICA, CLUSTER = "replica", "__replica__", "cluster"  # the last two are Mimir's defaults
ENVIRONMENT = "environment"
_EVALUATED = ("PrometheusRule", "VMRule", "Prometheus", "kube-prometheus-stack")


def lower_backend(loaded: LoadedFleet, problems: list[Problem]) -> plan.Backend | None:
    """The engine with every default taken; None where one Prometheus is enough."""
    written, server, origin = loaded.spec.backend, loaded.spec.prometheus, loaded.origin("backend")
    if written is None:
        return None
    problems += _beside_operator(loaded)
    if written.agent is not None:
        at = origin.at("prometheus-agent")
        problems += _agent_problems(written.agent, server, loaded, at)
        wal = written.agent.wal
        return plan.Agent(written.agent.receiver == "prometheus", wal.least, wal.most, at)
    if written.mimir is not None:
        at = origin.at("mimir")
        problems += _mimir_problems(written.mimir, server, loaded, at)
        return _mimir(written.mimir, loaded.spec, at)
    assert written.thanos is not None
    at = origin.at("thanos")
    problems += _thanos_problems(written.thanos, server, loaded, at)
    return _thanos(written.thanos, server, at)


def is_agent(backend: plan.Backend | None) -> bool:
    """Whether each Prometheus that scrapes is an agent."""
    return isinstance(backend, plan.Agent) or (isinstance(backend, plan.Mimir) and backend.agent)


def marks(environments: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """The selector of each environment where an engine holds the series of all of them.

    One with a Prometheus of its own has none to be told by, so its server writes one onto its targets: the label that
    the others have, or `environment`.
    """
    keys = {key for selector in environments.values() for key in selector}
    key = keys.pop() if len(keys) == 1 else ENVIRONMENT
    return {name: selector or {key: name} for name, selector in environments.items()}


def with_jobs(backend: plan.Backend | None, services: Iterable[LoadedService]) -> plan.Backend | None:
    """The engine, which knows the jobs that only one team's services have, where teams are its tenants."""
    if not isinstance(backend, plan.Mimir) or backend.divided != "team":
        return backend
    by_team: dict[str, set[str]] = {}
    for loaded in services:
        by_team.setdefault(loaded.spec.team or "", set()).add(loaded.spec.selector.get("job", loaded.name))
    jobs = {
        team: frozenset(own.difference(*(other for name, other in by_team.items() if name != team)))
        for team, own in sorted(by_team.items())
    }
    return replace(backend, jobs=jobs)


def _mimir(written: spec.Mimir, fleet: Fleet, origin: Origin) -> plan.Mimir:
    return plan.Mimir(
        url=written.url.rstrip("/"),
        access=lower_access(written),
        tenant=written.tenant or fleet.fleet,
        divided=written.tenants,
        federated=written.federated,
        alertmanager=written.alertmanager,
        agent=written.agent,
        groups=written.limits.groups,
        rules=written.limits.rules,
        origin=origin,
    )


def _thanos(written: spec.Thanos, server: Server | None, origin: Origin) -> plan.Thanos:
    receive = written.receive
    return plan.Thanos(
        storage=Secret(*written.storage.split("/")),
        receive=receive.url if receive else None,
        access=lower_access(receive) if receive else Access(),
        tenant=receive.tenant if receive else None,
        query=written.query,
        frontend=written.frontend,
        shards=written.shards,
        partial=written.partial,
        retention=(server.retention.time if server else None) or DEFAULT_RETENTION,
        labels=dict(server.external_labels) if server else {},
        origin=origin,
    )


# What is wrong


def _beside_operator(loaded: LoadedFleet) -> Iterator[Problem]:
    operator = loaded.spec.operator
    for index, kind in enumerate(operator.kinds if operator else ()):
        if kind in _EVALUATED:
            message = f"{kind} makes a server in the cluster evaluate every rule, also those that the backend does: "
            message += "remove it, or the backend"
            yield Problem(loaded.origin("operator", "kinds", index), message, "backend-operator", Level.WARNING)


def _agent_problems(written: spec.Agent, server: Server | None, loaded: LoadedFleet, at: Origin) -> Iterator[Problem]:
    if server is None or not server.remote_write:
        message = "an agent keeps nothing, so it must send: write prometheus: {remote_write: [{url: ...}]}"
        yield Problem(at, message, "backend-remote-write")
    if server is None:
        return
    yield from _without_storage(server, loaded)
    yield from _nothing_recorded(server, loaded, "an agent")
    if written.receiver == "prometheus" and server.replicas > 1:
        message = f"a Prometheus that receives from {server.replicas} replicas keeps every series as often: write "
        message += "replicas: 1, or backend: {prometheus-agent: {receiver: elsewhere}} where that deduplicates"
        yield Problem(loaded.origin("prometheus", "replicas"), message, "backend-replicas")
    if written.receiver == "elsewhere" and (server.retention.time or server.retention.size):
        message = "an agent keeps nothing, and what receives is elsewhere: remove retention"
        yield Problem(loaded.origin("prometheus", "retention"), message, "backend-retention", Level.WARNING)


def _without_storage(server: Server, loaded: LoadedFleet) -> Iterator[Problem]:
    if server.remote_read:
        message = "an agent answers no queries, so it reads nothing: remove remote_read"
        yield Problem(loaded.origin("prometheus", "remote_read"), message, "backend-remote-read")
    if server.federate:
        message = "an agent reads no other server's recorded series, those servers can send theirs: remove federate"
        yield Problem(loaded.origin("prometheus", "federate"), message, "backend-federate")


def _nothing_recorded(server: Server, loaded: LoadedFleet, who: str) -> Iterator[Problem]:
    for index, one in enumerate(server.remote_write):
        if one.only == "recorded":
            message = f"{who} evaluates no rules, so there is nothing recorded to send: remove only"
            yield Problem(loaded.origin("prometheus", "remote_write", index, "only"), message, "backend-remote-write")


def _mimir_problems(written: spec.Mimir, server: Server | None, loaded: LoadedFleet, at: Origin) -> Iterator[Problem]:
    if written.federated and written.tenants is None:
        message = "there is one tenant, so nothing reads several: write tenants: environment or team, or remove it"
        yield Problem(at.at("federated"), message, "backend-tenants")
    if written.alertmanager and loaded.spec.alertmanager.base:
        message = "what the user's own file says cannot be put into Mimir's Alertmanager: remove alertmanager: true"
        yield Problem(at.at("alertmanager"), message, "backend-alertmanager")
    if server is None:
        return
    if written.agent:
        yield from _without_storage(server, loaded)
    yield from _nothing_recorded(server, loaded, "a Prometheus whose rules Mimir evaluates")
    if server.replicas > 1 and CLUSTER not in server.external_labels:
        message = "Mimir deduplicates by the labels cluster and __replica__: write external_labels: {cluster: NAME}"
        yield Problem(loaded.origin("prometheus", "replicas"), message, "backend-replicas")


def _thanos_problems(written: spec.Thanos, server: Server | None, loaded: LoadedFleet, at: Origin) -> Iterator[Problem]:
    if server is None:
        message = "which rules a Prometheus can evaluate follows from its retention: write prometheus:"
        yield Problem(at, message, "backend-no-server")
        return
    if not server.external_labels:
        message = "Thanos tells blocks apart by external labels: write prometheus: {external_labels: {cluster: NAME}}"
        yield Problem(at, message, "backend-external-labels")
    kept = server.retention.time
    if not written.receive and kept and kept < SHORTEST:
        message = f"a sidecar sends blocks of two hours, and {duration.text(kept)} may end before it has: write "
        message += f"{duration.text(SHORTEST)} or more"
        yield Problem(loaded.origin("prometheus", "retention", "time"), message, "backend-retention", Level.WARNING)
