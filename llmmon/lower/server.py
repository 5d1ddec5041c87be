"""The Prometheus servers: one for all environments that share one, one for each that has its own, and their jobs."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.lower import engine, scrapes
from llmmon.lower.access import lower_access
from llmmon.lower.backend import DEFAULT_RETENTION, MIMIR_REPLICA, REPLICA, is_agent
from llmmon.plan import Environment
from llmmon.plan import backend as engines
from llmmon.plan import server as plan
from llmmon.plan.fleet import RESERVED
from llmmon.problem import Level, Origin, Problem
from llmmon.spec import server as spec
from llmmon.spec.model import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.plan import Fleet


TIMEOUT = timedelta(seconds=10)  # Prometheus's own default
OLDEST = (2, 26)  # `authorization` with a file


def lower_servers(
    loaded: LoadedFleet, services: Sequence[LoadedService], fleet: Fleet
) -> tuple[plan.Servers | None, list[Problem]]:
    """All servers with every decision taken; None where the fleet has no `prometheus:`."""
    written, problems = loaded.spec.prometheus, list[Problem]()
    if written is None:
        return None, problems
    origin = loaded.origin("prometheus")
    problems += _fleet_problems(written, fleet, origin)
    watched = [*scrapes.of_services(services, written, problems), *scrapes.of_fleet(written, origin)]
    for one in watched:
        problems += _asked_problems(one, fleet)
    groups = _groups(fleet.environments)
    if written.federate and None not in groups:
        message = "every environment has a Prometheus of its own, so none can read the others: remove federate"
        problems.append(Problem(origin.at("federate"), message, "no-shared-server"))
    alertmanagers = _alertmanagers(written.alertmanagers, origin.at("alertmanagers"))
    servers = []
    replica = _replica(written, fleet)
    for name, environments in groups.items():
        jobs = [
            *scrapes.own_jobs(watched, alertmanagers, origin, fleet.backend),
            *scrapes.scraped(watched, environments, written, origin, problems),
        ]
        jobs += scrapes.probed(fleet.blackbox, environments)
        own = {"environment": name} if name else {}
        told = {replica: engine.POD} if replica else {}
        federation = _federation(written.federate, origin) if written.federate and name is None else None
        servers.append(
            plan.Server(
                name,
                tuple(environment.name for environment in environments),
                {**written.external_labels, **own, **told},
                tuple(jobs),
                federation,
                tuple(engine.sends(fleet.backend, environments)),
                evaluates=not isinstance(fleet.backend, engines.Agent | engines.Mimir),
                agent=is_agent(fleet.backend),
            )
        )
    version = fleet.versions["prometheus"]
    flags, receiver_flags = engine.flags(fleet.backend, version, written.retention, replica is not None)
    return plan.Servers(
        servers=tuple(servers),
        interval=fleet.scrape_interval,
        timeout=written.timeout or min(TIMEOUT, fleet.scrape_interval),
        alertmanagers=alertmanagers,
        remote_write=tuple(_remotes(written.remote_write, origin.at("remote_write"))),
        remote_read=tuple(_remotes(written.remote_read, origin.at("remote_read"))),
        origin=origin,
        remembers=None if fleet.backend or written.remote_read else _remembers(written.retention),
        retention_bytes=int(kept.value) if (kept := written.retention.size) and not is_agent(fleet.backend) else None,
        replica=replica,
        receiver=engine.receiver(fleet.backend, tuple(servers), scrapes.itself("prometheus-receiver", origin)),
        flags=flags,
        receiver_flags=receiver_flags,
    ), problems


def _remembers(kept: spec.Retention) -> timedelta | None:
    return kept.time or (None if kept.size else DEFAULT_RETENTION)


def _groups(environments: Iterable[Environment]) -> dict[str | None, list[Environment]]:
    """Environments by server: None is the shared one."""
    out: dict[str | None, list[Environment]] = {}
    for environment in environments:
        out.setdefault(environment.name if environment.own else None, []).append(environment)
    return out


def _replica(written: spec.Server, fleet: Fleet) -> str | None:
    """The label that tells replicas apart; Thanos wants it from the first."""
    if written.replicas == 1 and not isinstance(fleet.backend, engines.Thanos):
        return None
    return MIMIR_REPLICA if isinstance(fleet.backend, engines.Mimir) else REPLICA


def _fleet_problems(written: spec.Server, fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    if fleet.versions["prometheus"] < OLDEST:
        message = f"llmmon writes for Prometheus {'.'.join(map(str, OLDEST))} and newer: raise versions: prometheus"
        yield Problem(origin, message, "prometheus-too-old")
    for label, value in written.external_labels.items():
        at = origin.at("external_labels", label)
        if label in (REPLICA, MIMIR_REPLICA):
            message = f"{label} tells replicas apart, each of which has a value of its own: write replicas: NUMBER"
            yield Problem(at, message, "external-label")
        if label in RESERVED:
            message = f"{label} is a label of our alerts, which an external label cannot be: choose another, as cluster"
            yield Problem(at, message, "external-label")
        if "$" in value:
            message = f"{shown(value)}: Prometheus 3 takes $ for a variable of its environment: leave it out"
            yield Problem(at, message, "external-label")
    if written.timeout and written.timeout > fleet.scrape_interval:
        yield _too_long(written.timeout, fleet.scrape_interval, origin.at("timeout"))
    size = written.retention.size
    if size and (size.dimension != "bytes" or size.value < 1):
        message = f"{size.text} is no size: write it like 100GB"
        yield Problem(origin.at("retention", "size"), message, "retention-size")
    known = [environment.name for environment in fleet.environments]
    for name in written.clusters:
        yield from _unknown_environment(name, known, origin.at("clusters", name))


def _asked_problems(one: scrapes.Watched, fleet: Fleet) -> Iterator[Problem]:
    known = [environment.name for environment in fleet.environments]
    for key in ("targets", "files"):
        for name in getattr(one.asked, key):
            if name:
                yield from _unknown_environment(name, known, one.origin.at(key, name))
    interval = one.asked.interval or fleet.scrape_interval
    if one.asked.timeout and one.asked.timeout > interval:
        yield _too_long(one.asked.timeout, interval, one.origin.at("timeout"))
    if one.service and interval > fleet.scrape_interval:
        usual = duration.text(fleet.scrape_interval)
        message = f"{duration.text(interval)} is longer than the fleet's {usual}, for which the windows of our rules "
        message += f"are made, so rates may see a single sample: write {usual} or less"
        yield Problem(one.origin.at("interval"), message, "slow-scrape", Level.WARNING)


def _too_long(timeout: timedelta, interval: timedelta, origin: Origin) -> Problem:
    message = f"a scrape every {duration.text(interval)} cannot wait {duration.text(timeout)}: write a shorter timeout"
    return Problem(origin, message, "timeout-beyond-interval")


def _unknown_environment(name: str, known: Sequence[str], origin: Origin) -> Iterator[Problem]:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the fleet has {', '.join(known)}"
    yield Problem(origin, f"unknown environment {name!r}: {hint}", "unknown-environment")


def _alertmanagers(said: spec.Alertmanagers, origin: Origin) -> plan.Alertmanagers:
    return plan.Alertmanagers(said.targets, said.scheme, said.path_prefix, lower_access(said), origin)


def _federation(said: spec.Federate, origin: Origin) -> plan.Federation:
    return plan.Federation(said.targets, said.scheme, said.interval, lower_access(said), origin.at("federate"))


def _remotes(said: Iterable[spec.Write | spec.Read], origin: Origin) -> Iterator[plan.Remote]:
    for index, one in enumerate(said):
        recorded = isinstance(one, spec.Write) and one.only == "recorded"
        recent = isinstance(one, spec.Read) and one.recent
        yield plan.Remote(one.url, one.name, lower_access(one), recorded, recent, origin.at(index))
