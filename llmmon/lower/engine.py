"""What the servers become where a fleet scales with an engine: whom each sends to, and with which flags it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.lower.backend import is_agent
from llmmon.plan import backend as engines
from llmmon.plan import server as plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Environment
    from llmmon.plan.fleet import Version
    from llmmon.spec.server import Retention

MIMIR_TENANT, THANOS_TENANT = "X-Scope-OrgID", "THANOS-TENANT"
POD = "${POD_NAME}"  # Prometheus fills it in from its environment
BLOCK = "2h"  # a sidecar sends blocks as they are written, which the server must not merge


def sends(backend: engines.Backend | None, here: Sequence[Environment]) -> Iterator[plan.Remote]:
    """The engine as a server of these environments writes to it: once for each tenant."""
    match backend:
        case engines.Mimir():
            for tenant, dropped in _tenants(backend, here):
                header = (MIMIR_TENANT, tenant)
                url = f"{backend.url}/api/v1/push"
                yield plan.Remote(url, f"mimir-{tenant}", backend.access, False, False, backend.origin, header, dropped)
        case engines.Thanos(receive=str(url)):
            named = (THANOS_TENANT, backend.tenant) if backend.tenant else None
            at = backend.origin.at("receive")
            yield plan.Remote(url, "thanos", backend.access, False, False, at, named)
        case _:
            pass


def _tenants(
    backend: engines.Mimir, here: Sequence[Environment]
) -> Iterator[tuple[str, tuple[dict[str, tuple[str, ...]], ...]]]:
    """Each tenant, and the series that are another's: what belongs to nobody, such as a node's, is sent to all."""
    match backend.divided:
        case None:
            yield backend.tenant, ()
        case "environment":
            for one in here:
                others = [other for other in here if other.name != one.name]
                yield one.name, tuple({key: (value,) for key, value in other.selector.items()} for other in others)
        case "team":
            for team in backend.jobs:
                jobs = sorted(job for other, theirs in backend.jobs.items() if other != team for job in theirs)
                yield team, ({"job": tuple(jobs)},) if jobs else ()


def receiver(backend: engines.Backend | None, servers: tuple[plan.Server, ...], told: plan.Job) -> plan.Server | None:
    """The Prometheus that agents send to: it scrapes itself alone, and evaluates the rules of every environment."""
    if not (isinstance(backend, engines.Agent) and backend.receiver):
        return None
    environments = tuple(name for server in servers for name in server.environments)
    labels = {key: value for key, value in servers[0].external_labels.items() if key != "environment"}
    return plan.Server(None, environments, labels, (told,), None, receives=True)


def flags(
    backend: engines.Backend | None, version: Version, kept: Retention, replicated: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those of the servers that scrape, and those of the one that receives."""
    features, out, receives = [], list[str](), list[str]()
    retention = tuple(_retention(kept))
    match backend:
        case engines.Agent():
            out += _agent(backend)
            if backend.receiver:
                receives += [*retention, "--web.enable-remote-write-receiver"]
        case engines.Mimir(agent=True):
            pass
        case engines.Thanos(receive=None):
            out += [*retention, *(f"--storage.tsdb.{end}-block-duration={BLOCK}" for end in ("min", "max"))]
        case _:
            out += retention
    if is_agent(backend):
        if version >= (3,):
            out.insert(0, "--agent")
        else:
            features.append("agent")
    if replicated and version < (3,):
        features.append("expand-external-labels")  # Prometheus 3 always does
    return (*([f"--enable-feature={','.join(features)}"] if features else ()), *out), tuple(receives)


def _retention(kept: Retention) -> Iterator[str]:
    if kept.time:
        yield f"--storage.tsdb.retention.time={duration.text(kept.time)}"
    if kept.size:
        yield f"--storage.tsdb.retention.size={int(kept.size.value)}B"


def _agent(backend: engines.Agent) -> Iterator[str]:
    for name, value in (("min", backend.least), ("max", backend.most)):
        if value:
            yield f"--storage.agent.retention.{name}-time={duration.text(value)}"
