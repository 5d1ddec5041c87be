"""The Prometheus servers: one for all environments that share one, one for each that has its own, and their jobs."""

from __future__ import annotations

import difflib
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import frozen, replace
from llmmon.lower import engine
from llmmon.lower.access import lower_access
from llmmon.lower.backend import DEFAULT_RETENTION, MIMIR_REPLICA, REPLICA, is_agent
from llmmon.plan import Environment
from llmmon.plan import backend as engines
from llmmon.plan import server as plan
from llmmon.plan.fleet import RESERVED
from llmmon.plan.outside import job as job_of_probes
from llmmon.problem import Level, Origin, Problem
from llmmon.spec import server as spec
from llmmon.spec.model import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.plan import Fleet
    from llmmon.plan.outside import Blackbox

TIMEOUT = timedelta(seconds=10)  # Prometheus's own default
OLDEST = (2, 26)  # `authorization` with a file
OWN_ADDRESS = "localhost:9090"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN, AUTHORITY = f"{ACCOUNT}/token", f"{ACCOUNT}/ca.crt"  # what Kubernetes mounts into every pod


@frozen
class _Watched:
    """Something to scrape: a service, or a job of the fleet's. `pods` is None where pods cannot be meant."""

    name: str
    job: str
    labels: Mapping[str, str]
    asked: spec.Asked
    pods: spec.Pods | None
    nodes: bool
    origin: Origin
    service: bool


def lower_servers(
    loaded: LoadedFleet, services: Sequence[LoadedService], fleet: Fleet
) -> tuple[plan.Servers | None, list[Problem]]:
    """All servers with every decision taken; None where the fleet has no `prometheus:`."""
    written, problems = loaded.spec.prometheus, list[Problem]()
    if written is None:
        return None, problems
    origin = loaded.origin("prometheus")
    problems += _fleet_problems(written, fleet, origin)
    watched = [*_services(services, written, problems), *_jobs(written, origin)]
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
            *_own(watched, alertmanagers, origin, fleet.backend),
            *_scraped(watched, environments, written, origin, problems),
        ]
        jobs += _probed(fleet.blackbox, environments)
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
        receiver=engine.receiver(fleet.backend, tuple(servers), _itself("prometheus-receiver", origin)),
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


# What is wrong


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


def _asked_problems(one: _Watched, fleet: Fleet) -> Iterator[Problem]:
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


# What there is to scrape


def _services(services: Iterable[LoadedService], written: spec.Server, problems: list[Problem]) -> Iterator[_Watched]:
    for loaded in sorted(services, key=lambda one: one.name):
        if loaded.broken & {("scrape",), ("selector",), ("workload",), ("health",)}:
            continue  # what is wrong there has been said
        said, load, own = loaded.spec.scrape or spec.Scrape(), loaded.spec.workload, loaded.spec.selector
        if said.off:
            continue
        if not (load or said.targets or said.files):
            message = f"nothing scrapes {loaded.name}: write scrape: {{targets: [host:port]}}, or its workload, "
            message += "or scrape: {off: REASON}"
            problems.append(Problem(loaded.origin(), message, "not-scraped", Level.WARNING))
            continue
        port = said.port or (loaded.spec.health.port if loaded.spec.health else None)
        labels = said.pods or {written.pod_label: load.name if load else ""}
        pods = spec.Pods(namespace=load.namespace, labels=labels, port=port) if load else None
        yield _Watched(
            name=loaded.name,
            job=own.get("job", loaded.name),
            labels={key: value for key, value in own.items() if key not in ("job", "instance")},
            asked=said,
            pods=pods,
            nodes=False,
            origin=loaded.origin("scrape") if loaded.spec.scrape else loaded.origin(),
            service=True,
        )


def _jobs(written: spec.Server, origin: Origin) -> Iterator[_Watched]:
    for name, job in written.jobs.items():
        yield _Watched(name, name, {}, job, job.pods, job.nodes, origin.at("jobs", name), False)


def _own(
    watched: Sequence[_Watched], told: plan.Alertmanagers, origin: Origin, backend: engines.Backend | None
) -> Iterator[plan.Job]:
    """Prometheus itself and the Alertmanagers, unless something that is written has their name."""
    taken = {one.job for one in watched}
    if isinstance(backend, engines.Mimir) and backend.alertmanager:
        taken.add("alertmanager")  # it is a part of Mimir
    itself = _itself("prometheus", origin)
    path = f"{(told.path_prefix or '').rstrip('/')}/metrics"
    alertmanager = replace(
        itself,
        name="alertmanager",
        discovery=plan.Static(told.targets),
        path=path,
        scheme=told.scheme,
        access=told.access,
        origin=told.origin,
    )
    yield from (job for job in (itself, alertmanager) if job.name not in taken)


def _itself(name: str, origin: Origin) -> plan.Job:
    address = plan.Static((OWN_ADDRESS,))
    return plan.Job(name, {}, address, "/metrics", "http", None, None, False, plan.Access(), origin)


def _scraped(
    watched: Sequence[_Watched],
    environments: Sequence[Environment],
    written: spec.Server,
    origin: Origin,
    problems: list[Problem],
) -> Iterator[plan.Job]:
    """One job per service and environment, named after its `job` label, and further where that is not unique."""
    sharing = Counter(one.job for one in watched)
    local = [environment for environment in environments if environment.name not in written.clusters]
    for one in watched:
        for environment in environments:
            marks = environment.selector if len(local) > 1 and environment in local else {}
            found = _discovery(one, environment, environments, marks, written, problems)
            if found is None:
                continue
            name = one.job if sharing[one.job] == 1 else f"{one.job}/{one.name}"
            name += f"/{environment.name}" if len(environments) > 1 else ""
            yield _job(one, name, environment, found)
    if len(local) > 1 and any(_discovered(one) for one in watched):
        problems += _without_pod_label(local, origin)


def _without_pod_label(local: Iterable[Environment], origin: Origin) -> Iterator[Problem]:
    for environment in local:
        if any(key.startswith("_") or not spec.is_pod_label(value) for key, value in environment.selector.items()):
            message = f"{environment.name} shares a cluster, so its pods are told apart by its selector, and "
            message += "Kubernetes has no such label: choose another, or name its cluster in prometheus: clusters"
            yield Problem(origin, message, "no-pod-label")


def _job(one: _Watched, name: str, environment: Environment, found: plan.Discovery) -> plan.Job:
    let_in = lower_access(one.asked)
    if isinstance(found, plan.Nodes) and let_in.bearer is None and let_in.user is None:
        remote = found.cluster.access if found.cluster else plan.Access(bearer=TOKEN, ca=AUTHORITY)
        let_in = replace(let_in, bearer=remote.bearer, ca=let_in.ca or remote.ca)
    return plan.Job(
        name=name,
        labels={**({"job": one.job} if name != one.job else {}), **one.labels, **environment.selector},
        discovery=found,
        path=one.asked.path,
        scheme=one.asked.scheme or ("https" if one.nodes or one.asked.tls else "http"),
        interval=one.asked.interval,
        timeout=one.asked.timeout,
        honor_labels=one.asked.honor_labels,
        access=let_in,
        origin=one.origin,
    )


def _probed(blackbox: Blackbox | None, environments: Sequence[Environment]) -> Iterator[plan.Job]:
    """One job per service and environment, of everything that the blackbox exporter asks of it there."""
    for service, asked in blackbox.asked.items() if blackbox else ():
        for environment in environments:
            address = blackbox.addresses.get(environment.name) if blackbox else None
            targets = [
                plan.Target(found, one.module.name, one.labels)
                for one in asked
                if (found := one.targets.get(environment.name))
            ]
            if blackbox is None or address is None or not targets:
                continue
            job = job_of_probes(service)
            name = f"{job}/{environment.name}" if len(environments) > 1 else job
            yield plan.Job(
                name=name,
                labels={**({"job": job} if name != job else {}), **environment.selector},
                discovery=plan.Probed(address, tuple(targets)),
                path="/probe",
                scheme="http",
                interval=blackbox.interval,
                timeout=None,
                honor_labels=False,
                access=plan.Access(),
                origin=asked[0].origin,
            )


def _discovery(
    one: _Watched,
    environment: Environment,
    environments: Sequence[Environment],
    marks: Mapping[str, str],
    written: spec.Server,
    problems: list[Problem],
) -> plan.Discovery | None:
    """Where the targets of an environment are; None where there are none, which has been said."""
    if not _discovered(one):
        found, wrong = _written(one, environment, environments)
        problems += wrong
        return found
    cluster = written.clusters.get(environment.name)
    where = plan.Cluster(cluster.api.rstrip("/"), lower_access(cluster)) if cluster else None
    if one.pods is None:
        return plan.Nodes(marks, where)
    return plan.Pods(one.pods.namespace, {**one.pods.labels, **marks}, one.pods.port, where)


def _written(
    one: _Watched, environment: Environment, environments: Sequence[Environment]
) -> tuple[plan.Discovery | None, list[Problem]]:
    """The targets that the spec names; a plain list is that of a server's only environment."""
    key, said = ("targets", one.asked.targets) if one.asked.targets else ("files", one.asked.files)
    if "" in said and len(environments) > 1:
        names = [other.name for other in environments]
        message = f"{' and '.join(names)} share a Prometheus, which cannot know whose targets these are: "
        message += f"write {key}: {{{', '.join(f'{name}: [...]' for name in names)}}}"
        problem = Problem(one.origin.at(key), message, "whose-targets")
        return None, [problem] if environment is environments[0] else []  # said once
    found = said.get(environment.name) or said.get("", ())
    if found:
        return (plan.Static(found) if key == "targets" else plan.Files(found)), []
    message = f"nothing scrapes {one.name} in {environment.name}, where its rules look for it: add it"
    return None, [Problem(one.origin.at(key), message, "not-scraped", Level.WARNING)] if one.service else []


def _discovered(one: _Watched) -> bool:
    """Whether Kubernetes is asked: written targets win over the workload's pods."""
    return not (one.asked.targets or one.asked.files)


# Other places


def _alertmanagers(said: spec.Alertmanagers, origin: Origin) -> plan.Alertmanagers:
    return plan.Alertmanagers(said.targets, said.scheme, said.path_prefix, lower_access(said), origin)


def _federation(said: spec.Federate, origin: Origin) -> plan.Federation:
    return plan.Federation(said.targets, said.scheme, said.interval, lower_access(said), origin.at("federate"))


def _remotes(said: Iterable[spec.Write | spec.Read], origin: Origin) -> Iterator[plan.Remote]:
    for index, one in enumerate(said):
        recorded = isinstance(one, spec.Write) and one.only == "recorded"
        recent = isinstance(one, spec.Read) and one.recent
        yield plan.Remote(one.url, one.name, lower_access(one), recorded, recent, origin.at(index))
