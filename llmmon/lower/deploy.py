"""The stack itself: which parts run, as what, whether each has what it needs, and who gets in from outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmmon.lower.backups import lower_backups
from llmmon.plan import Secret
from llmmon.plan import deploy as plan
from llmmon.plan.server import Nodes, Pods, Static
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.plan import Fleet
    from llmmon.plan.fleet import Version
    from llmmon.plan.server import Servers
    from llmmon.plan.tracing import Tracing
    from llmmon.problem import Origin
    from llmmon.spec import deploy as spec

PARTS = ("prometheus", "alertmanager", "grafana", "collector", "jaeger", "logstash")
NAMES = {"collector": "otel-collector"}  # what is not called as its key
DOORS = {"grafana": 3000, "prometheus": 9090, "alertmanager": 9093, "jaeger": 16686}
SERVICES = {"jaeger": "jaeger-query"}
UNGUARDED = frozenset({"grafana"})  # asks people to log in itself
SIZES = {"Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
LAPTOP = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000, "jaeger": 16686, "otlp": 4317}


def lower_deploy(
    loaded: LoadedFleet, services: Sequence[LoadedService], fleet: Fleet
) -> tuple[plan.Deploy | None, list[Problem]]:
    """The section with every default taken; None where nothing is to be deployed."""
    written, problems = loaded.spec.deploy, list[Problem]()
    if written is None:
        return None, problems
    origin = loaded.origin("deploy")
    if not any(getattr(written, key) for key in PARTS):
        message = f"nothing is deployed: name a part, such as `prometheus: {{}}`; there are {', '.join(PARTS)}"
        return None, [Problem(origin, message, "deploy-nothing")]
    backups, found = lower_backups(written, services, origin)
    problems += found
    parts = {key: _part(key, written, fleet, origin) for key in PARTS if getattr(written, key)}
    if backups:
        parts["pushgateway"] = _small("pushgateway", written, plan.PUSHGATEWAY, "1Gi", origin.at("backups"))
    if fleet.blackbox and _here(fleet.blackbox.addresses.values(), written.namespace):
        parts["blackbox"] = _small("blackbox-exporter", written, plan.BLACKBOX, None, fleet.blackbox.origin)
    problems += _missing(written, fleet, origin)
    problems += _sizes(written, fleet.servers, origin)
    problems += _addresses(written, fleet)
    problems += _twice(written, fleet, origin)
    problems += _silent(written, fleet, origin)
    access, found = _access(written, fleet, origin.at("access"))
    problems += found
    server = loaded.spec.prometheus
    ports, found = _ports(written, fleet, origin.at("compose", "ports"))
    problems += found
    return plan.Deploy(
        fleet=fleet.name,
        namespace=written.namespace,
        label=server.pod_label if server else "app",
        storage_class=written.storage_class,
        isolate=written.isolate,
        ambient=written.mesh == "ambient",
        parts=parts,
        grafana=_grafana(written.grafana) if written.grafana else None,
        lines=_lines(services, fleet) if written.logstash else None,
        access=access,
        backups=backups,
        store=_secret(written.backups.store) if written.backups else None,
        to=written.backups.to if written.backups else "",
        ports=ports,
        origin=origin,
    ), problems


def _part(key: str, written: spec.Deploy, fleet: Fleet, origin: Origin) -> plan.Part:
    said = getattr(written, key)
    many = said.replicas
    least, most, busy = (many, many, 0) if isinstance(many, int) else (many.min, many.max, many.cpu)
    filebeat = fleet.logs.filebeat.namespace if fleet.logs and fleet.logs.filebeat else written.namespace
    return plan.Part(
        name=NAMES.get(key, key),
        namespace=(said.namespace or filebeat) if key == "logstash" else written.namespace,
        image=_image(key, fleet.versions, fleet.tracing),
        replicas=least,
        most=most,
        busy=busy,
        cpu=said.cpu,
        memory=said.memory,
        storage=getattr(said, "storage", None),
        origin=origin.at(key),
    )


def _small(name: str, written: spec.Deploy, image: str, storage: str | None, origin: Origin) -> plan.Part:
    """What others need and nobody names: one of it is enough."""
    return plan.Part(name, written.namespace, image, 1, 1, 0, "50m", "64Mi", storage, origin)


def _here(addresses: Iterable[str], namespace: str) -> bool:
    """Whether the blackbox exporter that the fleet names is the one of this namespace."""
    return any(address.rpartition(":")[0].split(".")[:2] == ["blackbox-exporter", namespace] for address in addresses)


def _image(key: str, versions: Mapping[str, Version], tracing: Tracing | None) -> str:
    """Pinned by the version that the fleet names, so that what is generated and what runs are the same."""
    match key:
        case "prometheus" | "alertmanager":
            return f"prom/{key}:v{_three(versions[key])}"
        case "grafana":
            return f"grafana/grafana:{_three(versions[key])}"
        case "logstash":
            return f"docker.elastic.co/logstash/logstash:{_three(versions[key])}"
        case "collector":
            return f"otel/opentelemetry-collector-contrib:{_three(tracing.collector if tracing else ())}"
        case _:
            return f"jaegertracing/jaeger:{_three(tracing.jaeger if tracing else ())}"


def _three(version: Version) -> str:
    return ".".join(map(str, (*version, 0, 0, 0)[:3]))


def _grafana(said: spec.DeployGrafana) -> plan.Grafana:
    database = said.database
    where, _, port = database.host.rpartition(":") if database else ("", "", "")
    return plan.Grafana(
        admin=_secret(said.admin),
        database=plan.Database(
            where or port,
            int(port) if where else 5432,
            database.name,
            database.user,
            _secret(database.password),
            database.tls,
        )
        if database
        else None,
        oauth=plan.OAuth(**{**said.oauth.model_dump(), "secret": _secret(said.oauth.secret)}) if said.oauth else None,
        loki=said.loki.rstrip("/") if said.loki else None,
        reader=(said.elasticsearch.user, _secret(said.elasticsearch.password)) if said.elasticsearch else None,
    )


def _lines(services: Iterable[LoadedService], fleet: Fleet) -> plan.Lines:
    """What the pipelines of all services, and Filebeat's, ask of the pods that run them."""
    logs = [loaded.spec.logs for loaded in services if loaded.spec.logs]
    inputs = [one.input for one in logs]
    ports = {port for one in inputs for port in (one.tcp, one.beats, one.http) if port}
    filebeat = fleet.logs.filebeat if fleet.logs else None
    kafka = {one.tls for one in inputs if one.kafka}
    return plan.Lines(
        ports=tuple(sorted(ports | ({filebeat.port} if filebeat and not filebeat.pipeline else set()))),
        brokers=tuple(sorted({server for one in inputs if one.kafka for server in one.servers})),
        kafka="mutual" if "mutual" in kafka else "server" if "server" in kafka else "off",
        hashes=any("hash" in one.redact.values() for one in logs),
    )


def _secret(reference: str) -> Secret:
    return Secret(*reference.split("/"))


# What is wrong


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


def alertmanagers(namespace: str, replicas: int) -> tuple[str, ...]:
    """The address of each Alertmanager."""
    return tuple(f"alertmanager-{index}.alertmanager-pods.{namespace}:9093" for index in range(replicas))


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
    """Datasources that would be there and answer nothing, and numbers that nobody reads."""
    grafana, logs = written.grafana, fleet.logs
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


# Who gets in


def _access(written: spec.Deploy, fleet: Fleet, origin: Origin) -> tuple[plan.Access | None, list[Problem]]:
    said = written.access
    if said is None:
        return None, []
    doors, problems = [], list[Problem]()
    for index, name in enumerate(said.open):
        here = origin.at("open", index)
        if not getattr(written, name):
            message = f"{name} is not deployed, so nobody can be let in to it: write `{name}:` under deploy"
            problems.append(Problem(here, message, "deploy-door"))
        if name not in UNGUARDED and not said.login:
            message = f"{name} asks nobody who he is, so it would be open to everybody: write login: with an "
            message += f"extension provider of Istio, or leave {name} out of open"
            problems.append(Problem(here, message, "deploy-unguarded"))
        service = SERVICES.get(name, name)
        guarded = name not in UNGUARDED
        doors.append(plan.Door(name, f"{name}.{said.domain}", service, written.namespace, DOORS[name], guarded))
    for other, address in said.beside.items():
        where, _, port = address.rpartition(":")
        service, *namespace = where.split(".")
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", service) or not port.isdecimal():
            message = f"{address!r} is no address of a Service: write name.namespace:port"
            problems.append(Problem(origin.at("beside", other), message, "deploy-door"))
            continue
        if other in said.open:
            problems.append(Problem(origin.at("beside", other), f"{other} is in open as well: keep one", "deploy-door"))
            continue
        home = namespace[0] if namespace else written.namespace
        doors.append(plan.Door(other, f"{other}.{said.domain}", service, home, int(port), False))
    problems += _links(doors, fleet, origin)
    gateway = said.gateway
    return plan.Access(tuple(doors), said.tls, said.login, gateway.namespace, gateway.selector, origin), problems


def _links(doors: Iterable[plan.Door], fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    """Alerts link to dashboards, which have to be where Grafana is."""
    linked = urlsplit(fleet.dashboards)
    for door in doors:
        if door.name == "grafana" and (linked.scheme, linked.hostname) != ("https", door.host):
            message = f"alerts link to dashboards at {linked.scheme}://{linked.hostname}, and Grafana is at "
            message += f"https://{door.host}: write dashboards: https://{door.host}/d/{{uid}}"
            yield Problem(origin.at("domain"), message, "deploy-links", Level.WARNING)


# On a laptop


def _ports(written: spec.Deploy, fleet: Fleet, origin: Origin) -> tuple[dict[str, int] | None, list[Problem]]:
    if written.compose is None:
        return None, []
    there = [key for key in ("prometheus", "alertmanager", "grafana") if getattr(written, key)]
    there += ["jaeger", "otlp"] if fleet.tracing and written.jaeger else []
    problems = []
    for name in written.compose.ports:
        if name not in there:
            message = f"there is no {name} on the laptop: write a port of {', '.join(there)}"
            problems.append(Problem(origin.at(name), message, "deploy-port"))
    ports = {name: written.compose.ports.get(name, LAPTOP[name]) for name in there}
    for name, port in ports.items():
        twin = next((other for other, same in ports.items() if same == port and other != name), None)
        if twin and there.index(twin) < there.index(name):
            at = origin.at(name if name in written.compose.ports else twin)
            message = f"{twin} and {name} are both on port {port} of the laptop: give one of them another"
            problems.append(Problem(at, message, "deploy-port"))
    return ports, problems
