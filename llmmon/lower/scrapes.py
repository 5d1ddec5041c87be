"""What there is to scrape: services, the fleet's own jobs, probes, and the servers themselves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from llmmon.classes import frozen, replace
from llmmon.lower.access import lower_access
from llmmon.plan import Environment
from llmmon.plan import backend as engines
from llmmon.plan import server as plan
from llmmon.plan.outside import job as job_of_probes
from llmmon.problem import Level, Origin, Problem
from llmmon.spec import server as spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.load import LoadedService
    from llmmon.plan.outside import Blackbox

OWN_ADDRESS = "localhost:9090"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN, AUTHORITY = f"{ACCOUNT}/token", f"{ACCOUNT}/ca.crt"  # what Kubernetes mounts into every pod


@frozen
class Watched:
    """Something to scrape: a service, or a job of the fleet's. `pods` is None where pods cannot be meant."""

    name: str
    job: str
    labels: Mapping[str, str]
    asked: spec.Asked
    pods: spec.Pods | None
    nodes: bool
    origin: Origin
    service: bool


def of_services(services: Iterable[LoadedService], written: spec.Server, problems: list[Problem]) -> Iterator[Watched]:
    """The services that say where they are; what is wrong with the others is added to the problems."""
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
        yield Watched(
            name=loaded.name,
            job=own.get("job", loaded.name),
            labels={key: value for key, value in own.items() if key not in ("job", "instance")},
            asked=said,
            pods=pods,
            nodes=False,
            origin=loaded.origin("scrape") if loaded.spec.scrape else loaded.origin(),
            service=True,
        )


def of_fleet(written: spec.Server, origin: Origin) -> Iterator[Watched]:
    """The jobs that the fleet writes itself."""
    for name, job in written.jobs.items():
        yield Watched(name, name, {}, job, job.pods, job.nodes, origin.at("jobs", name), False)


def own_jobs(
    watched: Sequence[Watched], told: plan.Alertmanagers, origin: Origin, backend: engines.Backend | None
) -> Iterator[plan.Job]:
    """Prometheus itself and the Alertmanagers, unless something that is written has their name."""
    taken = {one.job for one in watched}
    if isinstance(backend, engines.Mimir) and backend.alertmanager:
        taken.add("alertmanager")  # it is a part of Mimir
    prometheus = itself("prometheus", origin)
    path = f"{(told.path_prefix or '').rstrip('/')}/metrics"
    alertmanager = replace(
        prometheus,
        name="alertmanager",
        discovery=plan.Static(told.targets),
        path=path,
        scheme=told.scheme,
        access=told.access,
        origin=told.origin,
    )
    yield from (job for job in (prometheus, alertmanager) if job.name not in taken)


def itself(name: str, origin: Origin) -> plan.Job:
    """The job in which a server scrapes itself."""
    address = plan.Static((OWN_ADDRESS,))
    return plan.Job(name, {}, address, "/metrics", "http", None, None, False, plan.Access(), origin)


def scraped(
    watched: Sequence[Watched],
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


def _job(one: Watched, name: str, environment: Environment, found: plan.Discovery) -> plan.Job:
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


def probed(blackbox: Blackbox | None, environments: Sequence[Environment]) -> Iterator[plan.Job]:
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
    one: Watched,
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
    one: Watched, environment: Environment, environments: Sequence[Environment]
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


def _discovered(one: Watched) -> bool:
    """Whether Kubernetes is asked: written targets win over the workload's pods."""
    return not (one.asked.targets or one.asked.files)
