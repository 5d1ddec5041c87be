"""Whether what is to be deployed can run: every part has its configuration, its size, and is where others look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.plan.backend import Thanos
from llmmon.plan.server import Nodes, Pods, Static
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.server import Servers
    from llmmon.problem import Origin
    from llmmon.spec import deploy as spec

SIZES = {"Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def unfit(written: spec.Deploy, fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    """Everything that would not start, would fill up, would be found by nobody, or would be there twice."""
    yield from _missing(written, fleet, origin)
    yield from _sizes(written, fleet.servers, origin)
    yield from _addresses(written, fleet)
    yield from _twice(written, fleet, origin)
    yield from _silent(written, fleet, origin)


def alertmanagers(namespace: str, replicas: int) -> tuple[str, ...]:
    """The address of each Alertmanager."""
    return tuple(f"alertmanager-{index}.alertmanager-pods.{namespace}:9093" for index in range(replicas))


def _missing(written: spec.Deploy, fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    """Parts whose configuration the fleet does not have."""
    filebeat = fleet.logs and fleet.logs.filebeat
    has = {
        "prometheus": fleet.servers is not None or "write `prometheus: {}` first",
        "collector": fleet.tracing is not None or "write `tracing:` first",
        "jaeger": fleet.tracing is not None or "write `tracing:` first",
        "logstash": bool(fleet.pipelines or filebeat) or "no service has `logs:`",
    }
    for key, said in has.items():
        if getattr(written, key) and said is not True:
            message = f"{key} has no configuration in this fleet: {said}, or remove {key}"
            yield Problem(origin.at(key), message, "deploy-missing")
    grafana = written.grafana
    if grafana and grafana.replicas > 1 and grafana.database is None:
        message = f"{grafana.replicas} replicas of Grafana need one database: write database: {{host: ...}}"
        yield Problem(origin.at("grafana", "replicas"), message, "deploy-database")
    if grafana and grafana.elasticsearch and not fleet.elasticsearch:
        message = "the fleet has no `elasticsearch:`, so there is nothing to read: write it first, or remove this"
        yield Problem(origin.at("grafana", "elasticsearch"), message, "deploy-missing")
    tracing = fleet.tracing
    if tracing and tracing.at == "tail" and written.collector and written.collector.replicas.max > tracing.replicas:
        message = f"tail sampling is written for {tracing.replicas} collectors, and {written.collector.replicas.max} "
        message += "would each see a part of a trace: write tracing: {replicas: ..., samplers: HOST}"
        yield Problem(origin.at("collector", "replicas"), message, "deploy-tail")


def _sizes(written: spec.Deploy, servers: Servers | None, origin: Origin) -> Iterator[Problem]:
    for key in ("collector", "jaeger"):
        said = getattr(written, key)
        if said and said.replicas.min > said.replicas.max:
            message = f"min is {said.replicas.min}, which is more than max, {said.replicas.max}: swap them"
            yield Problem(origin.at(key, "replicas"), message, "deploy-replicas")
    if not written.prometheus or not servers or not servers.retention_bytes:
        return
    volume = _bytes(written.prometheus.storage)
    if volume < servers.retention_bytes * 6 // 5:
        least = -(-servers.retention_bytes * 6 // 5 // 2**30)
        message = f"a volume of {written.prometheus.storage} is filled by samples of {servers.retention_bytes:,} bytes "
        message += f"and the write-ahead log beside them: write {least}Gi or more"
        level = Level.ERROR if volume < servers.retention_bytes else Level.WARNING
        yield Problem(origin.at("prometheus", "storage"), message, "deploy-storage", level)


def _bytes(text: str) -> int:
    return int(text[:-2]) * SIZES[text[-2:]]


def _addresses(written: spec.Deploy, fleet: Fleet) -> Iterator[Problem]:
    """What other parts of the fleet call ours, and what it is called here."""
    servers, tracing = fleet.servers, fleet.tracing
    if servers and written.alertmanager:
        wanted = alertmanagers(written.namespace, written.alertmanager.replicas)
        if set(servers.alertmanagers.targets) != set(wanted):
            message = "Prometheus has to tell every Alertmanager itself, for one that is told does not tell the others"
            message += f": write prometheus: {{alertmanagers: [{', '.join(wanted)}]}}"
            yield Problem(servers.alertmanagers.origin, message, "deploy-alertmanagers", Level.WARNING)
    if tracing and written.jaeger:
        host = tracing.endpoint.rpartition(":")[0].split(".")
        if host[1:2] not in ([], [written.namespace]):
            message = f"spans are sent to {tracing.endpoint}, and Jaeger runs in {written.namespace}: write "
            message += f"endpoint: {host[0]}.{written.namespace}:{tracing.endpoint.rpartition(':')[2]}"
            yield Problem(tracing.origin.at("endpoint"), message, "deploy-endpoint", Level.WARNING)


def _twice(written: spec.Deploy, fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    for key, kind in (("prometheus", "Prometheus"), ("alertmanager", "Alertmanager")):
        if getattr(written, key) and fleet.operator and kind in fleet.operator.kinds:
            message = f"the operator runs {key} as well, for operator: kinds names {kind}: keep one of them"
            yield Problem(origin.at(key), message, "deploy-twice")
    if not written.prometheus or not fleet.servers:
        return
    if written.prometheus.replicas > 1 and fleet.servers.remote_write and not fleet.servers.replica:
        count = written.prometheus.replicas
        message = f"each of {count} replicas sends the same series to remote_write, which has to drop what comes "
        message += f"twice: write prometheus: {{replicas: {count}}}, whose label tells them apart, or write replicas: 1"
        yield Problem(origin.at("prometheus", "replicas"), message, "deploy-duplicates", Level.WARNING)
    local = [server for server in fleet.servers.servers if any(_local(job.discovery) for job in server.jobs)]
    if len(local) > 1:
        names = " and ".join(str(server.environment or "shared") for server in local)
        message = f"the servers {names} find their pods in the cluster that they run in, and both would run in one: "
        message += "name the cluster of each environment in prometheus: clusters"
        yield Problem(origin.at("prometheus"), message, "deploy-two-servers", Level.WARNING)


def _local(found: object) -> bool:
    return isinstance(found, Pods | Nodes) and found.cluster is None


def _silent(written: spec.Deploy, fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    """Datasources that would be there and answer nothing, and numbers that nobody reads or keeps."""
    grafana, logs = written.grafana, fleet.logs
    if written.prometheus and isinstance(fleet.backend, Thanos) and not fleet.backend.receive:
        message = "the pods of Prometheus have no sidecar of Thanos, so nothing reaches the bucket: write backend: "
        message += (
            "{thanos: {receive: http://...}}, or add a sidecar to them with the flags of thanos/sidecar.flags.txt"
        )
        yield Problem(origin.at("prometheus"), message, "deploy-sidecar", Level.WARNING)
    if grafana and logs and logs.loki and not grafana.loki:
        message = "Grafana has a datasource Loki, for logs: loki is true, and nobody says where it is: "
        message += "write loki: http://..., or logs: {loki: false}"
        yield Problem(origin.at("grafana"), message, "deploy-datasource", Level.WARNING)
    if grafana and logs and fleet.elasticsearch and not grafana.elasticsearch:
        message = "Grafana has a datasource Elasticsearch and no user for it: write elasticsearch: {user: NAME, "
        message += "password: {secret: name/key}}, of a user who may read"
        yield Problem(origin.at("grafana"), message, "deploy-datasource", Level.WARNING)
    jobs = [job for server in fleet.servers.servers for job in server.jobs] if fleet.servers else []
    if written.backups and not any(job.honor_labels and _asks(job.discovery, "pushgateway") for job in jobs):
        message = "nothing reads when a backup has ended, so its alert cannot know: write prometheus: {jobs: "
        message += f"{{pushgateway: {{pods: {{namespace: {written.namespace}, labels: {{app: pushgateway}}, "
        message += "port: 9091}, honor_labels: true}}}"
        yield Problem(origin.at("backups"), message, "backup-unread", Level.WARNING)


def _asks(found: object, name: str) -> bool:
    if isinstance(found, Pods):
        return name in found.labels.values()
    return isinstance(found, Static) and any(target.split(".")[0].split(":")[0] == name for target in found.targets)
