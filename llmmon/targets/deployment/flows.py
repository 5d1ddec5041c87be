"""Who talks to whom: every connection that the stack's configuration makes, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmmon.classes import frozen
from llmmon.plan.backend import Mimir, Thanos
from llmmon.plan.fleet import Secret
from llmmon.plan.server import Nodes, Pods, Static
from llmmon.plan.tracing import GRPC_PORT, HTTP_PORT, SAMPLING_GRPC, SAMPLING_HTTP, UI_PORT
from llmmon.targets.deployment import alertmanager, backups
from llmmon.targets.deployment.objects import chosen
from llmmon.targets.deployment.prometheus import of_server
from llmmon.targets.deployment.tracing import sampler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan import Fleet, Receiver
    from llmmon.plan.deploy import Deploy, Part
    from llmmon.plan.server import Job

API_SERVER = (443, 6443)
KUBELET = 10_250
WEBHOOKS = {"http": 80, "https": 443}


@frozen
class End:
    """One end of a connection: pods with these labels of a namespace, all of its pods without labels, or, without a
    namespace, anybody. `name` is that of ours, which get a policy."""

    name: str | None = None
    namespace: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


@frozen
class Flow:
    """A connection, from the one that opens it to the ports of the other."""

    source: End
    target: End
    ports: tuple[int, ...]
    udp: bool = False


ANYBODY = End()
DNS = End(None, "kube-system", (("k8s-app", "kube-dns"),))


def ours(deploy: Deploy, part: Part) -> End:
    """The pods of a part."""
    return End(part.name, part.namespace, tuple(chosen(deploy, part).items()))


def theirs(namespace: str, labels: Mapping[str, str]) -> End:
    """Pods that somebody else runs."""
    return End(None, namespace, tuple(labels.items()))


def flows(fleet: Fleet, deploy: Deploy) -> Iterator[Flow]:
    """Every connection, but for names (which everybody asks)."""
    parts = {key: ours(deploy, part) for key, part in deploy.parts.items()}
    if "prometheus" in parts:
        yield from _prometheus(fleet, deploy)
    if "alertmanager" in parts:
        yield from _alertmanager(fleet, deploy, parts["alertmanager"])
    if "grafana" in parts:
        yield from _grafana(fleet, deploy, parts)
    yield from _tracing(fleet, deploy, parts)
    yield from _logs(fleet, deploy, parts)
    for door in deploy.access.doors if deploy.access else ():
        if door.name in parts and deploy.access:
            gateway = theirs(deploy.access.namespace, deploy.access.selector)
            yield Flow(gateway, parts[door.name], (door.port,))
    if "blackbox" in parts:
        yield Flow(parts["blackbox"], ANYBODY, _asked(fleet))
    yield from _backups(fleet, deploy, parts)


def _prometheus(fleet: Fleet, deploy: Deploy) -> Iterator[Flow]:
    """Each server asks its targets, tells the Alertmanagers and finds what there is at the API servers."""
    if fleet.servers is None:
        return
    for server in fleet.servers.every:
        source = ours(deploy, of_server(deploy, server))
        if server.receives:
            yield from (
                Flow(ours(deploy, of_server(deploy, agent)), source, (9090,)) for agent in fleet.servers.servers
            )
        for job in server.jobs:
            yield from _job(deploy, source, job)
        for told in fleet.servers.alertmanagers.targets:
            yield Flow(source, _known(deploy, told), (_port(told, 9093),))
        for remote in (*fleet.servers.remote_write, *fleet.servers.remote_read, *server.sends):
            yield Flow(source, ANYBODY, (_url_port(remote.url),))
        for target in server.federation.targets if server.federation else ():
            yield Flow(source, ANYBODY, (_port(target, 9090),))


def _job(deploy: Deploy, source: End, job: Job) -> Iterator[Flow]:
    match job.discovery:
        case Pods(namespace, labels, port, None) if isinstance(port, int):
            yield Flow(source, _found(deploy, namespace, labels), (port,))
            yield Flow(source, ANYBODY, API_SERVER)
        case Pods(namespace, labels, _, None):
            yield Flow(source, theirs(namespace, labels), ())
            yield Flow(source, ANYBODY, API_SERVER)
        case Pods(_, _, port, cluster) if cluster is not None:
            yield Flow(source, ANYBODY, (_url_port(cluster.api), *((port,) if isinstance(port, int) else ())))
        case Nodes(_, cluster):
            yield Flow(source, ANYBODY, (KUBELET, *((_url_port(cluster.api),) if cluster else API_SERVER)))
        case Static(targets):
            for target in targets:
                if not target.startswith("localhost:"):
                    yield Flow(source, _known(deploy, target), (_port(target, 80),))
        case found if exporter := getattr(found, "exporter", None):
            yield Flow(source, _known(deploy, exporter), (_port(exporter, 9115),))
        case _:  # files of targets: nobody knows which
            yield Flow(source, ANYBODY, ())


def _alertmanager(fleet: Fleet, deploy: Deploy, source: End) -> Iterator[Flow]:
    if deploy.parts["alertmanager"].most > 1:
        yield Flow(source, source, (alertmanager.GOSSIP,))
        yield Flow(source, source, (alertmanager.GOSSIP,), udp=True)
    for port in sorted({port for way in _ways(fleet) for port in _reached(fleet, way)}):
        yield Flow(source, ANYBODY, (port,))


def _ways(fleet: Fleet) -> Iterator[Receiver]:
    yield from (*fleet.catch_all, *fleet.watchdog)
    yield from (way for team in fleet.teams.values() for ways in team.receivers.values() for way in ways)


def _reached(fleet: Fleet, way: Receiver) -> Iterator[int]:
    """The port of a receiver. Where a URL is a secret, only https is let out."""
    said = {**fleet.defaults.get(way.kind, {}), **way.options}
    if way.kind == "email":
        host = said.get("smarthost")
        yield _port(host, 25) if isinstance(host, str) else 25
        return
    urls = [value for key, value in said.items() if key.endswith("url") and not isinstance(value, Secret)]
    yield from (_url_port(url) for url in urls if isinstance(url, str) and "://" in url)
    if not urls:
        yield 443


def _grafana(fleet: Fleet, deploy: Deploy, parts: Mapping[str, End]) -> Iterator[Flow]:
    source, said = parts["grafana"], deploy.grafana
    yield Flow(source, ANYBODY, API_SERVER)  # the sidecar
    for server in fleet.servers.every if fleet.servers and "prometheus" in parts else ():
        yield Flow(source, ours(deploy, of_server(deploy, server)), (9090,))
    if "jaeger" in parts:
        yield Flow(source, parts["jaeger"], (UI_PORT,))
    if said and said.database:
        yield Flow(source, ANYBODY, (said.database.port,))
    urls = [said.oauth.token, said.oauth.userinfo] if said and said.oauth else []
    urls += [said.loki] if said and said.loki else []
    urls += _elasticsearch(fleet) if said and said.reader else []
    urls += _engine(fleet)
    yield from (Flow(source, ANYBODY, (_url_port(url),)) for url in urls)


def _tracing(fleet: Fleet, deploy: Deploy, parts: Mapping[str, End]) -> Iterator[Flow]:
    tracing, spans = fleet.tracing, (GRPC_PORT, HTTP_PORT)
    if tracing is None:
        return
    if "collector" in parts:
        first = last = parts["collector"]
        yield Flow(ANYBODY, first, spans)
        if tracing.samplers:
            last = ours(deploy, sampler(deploy, tracing))
            yield Flow(first, last, (GRPC_PORT,))
        yield Flow(last, parts.get("jaeger", ANYBODY), (_port(tracing.endpoint, GRPC_PORT),))
    if "jaeger" in parts:
        if "collector" not in parts:
            yield Flow(ANYBODY, parts["jaeger"], spans)
        yield Flow(ANYBODY, parts["jaeger"], (SAMPLING_HTTP, SAMPLING_GRPC))
        yield from (Flow(parts["jaeger"], ANYBODY, (_url_port(url),)) for url in tracing.storage.hosts)


def _logs(fleet: Fleet, deploy: Deploy, parts: Mapping[str, End]) -> Iterator[Flow]:
    filebeat = fleet.logs.filebeat if fleet.logs else None
    if "logstash" in parts and deploy.lines:
        if deploy.lines.ports:
            yield Flow(ANYBODY, parts["logstash"], deploy.lines.ports)
        yield from (Flow(parts["logstash"], ANYBODY, (_url_port(url),)) for url in _elasticsearch(fleet))
        yield from (Flow(parts["logstash"], ANYBODY, (_port(broker, 9093),)) for broker in deploy.lines.brokers)
    if filebeat and fleet.elasticsearch:
        source = End("filebeat", filebeat.namespace, (("app", "filebeat"),))
        yield Flow(source, parts.get("logstash", ANYBODY), (filebeat.port,))
        yield Flow(source, ANYBODY, API_SERVER)


def _backups(fleet: Fleet, deploy: Deploy, parts: Mapping[str, End]) -> Iterator[Flow]:
    for backup in deploy.backups:
        for part in backups.parts(fleet, deploy, backup):
            source = ours(deploy, part)
            yield Flow(source, parts["pushgateway"], (9091,))
            yield Flow(source, ANYBODY, (443,))  # the store
            if backup.kind == "grafana" and deploy.grafana and deploy.grafana.database:
                yield Flow(source, ANYBODY, (deploy.grafana.database.port,))
            for server in fleet.servers.every if fleet.servers and backup.kind == "prometheus" else ():
                if part.name == f"backup-{of_server(deploy, server).name}":
                    yield Flow(source, ours(deploy, of_server(deploy, server)), (9090,))


def _asked(fleet: Fleet) -> tuple[int, ...]:
    """The ports of what the blackbox exporter asks."""
    questions = [one for many in (fleet.blackbox.asked if fleet.blackbox else {}).values() for one in many]
    targets = [target for one in questions for target in one.targets.values()]
    return tuple(sorted({_url_port(target) if "://" in target else _port(target, 80) for target in targets}))


def _elasticsearch(fleet: Fleet) -> list[str]:
    hosts = fleet.elasticsearch.get("hosts", ())
    return [host if "://" in host else f"https://{host}:9200" for host in hosts] if isinstance(hosts, tuple) else []


def _engine(fleet: Fleet) -> list[str]:
    """Where the engine that the fleet scales with is asked."""
    match fleet.backend:
        case Mimir(url):
            return [url]
        case Thanos(frontend=str(url)):
            return [url]
    return []


def _found(deploy: Deploy, namespace: str, labels: Mapping[str, str]) -> End:
    """The part of ours that these labels find, or somebody else's pods."""
    for part in deploy.parts.values():
        if part.namespace == namespace and dict(labels) == {deploy.label: part.name}:
            return ours(deploy, part)
    return theirs(namespace, labels)


def _known(deploy: Deploy, address: str) -> End:
    """The part of ours at an address, or anybody."""
    names = address.rpartition(":")[0].split(".")
    for part in deploy.parts.values():
        here = [part.namespace]
        if names[:2] == [part.name, *here] or names[1:3] == [f"{part.name}-pods", *here]:
            return ours(deploy, part)
    return ANYBODY


def _port(address: str, default: int) -> int:
    port = address.rpartition(":")[2]
    return int(port) if port.isdecimal() else default


def _url_port(url: str) -> int:
    found = urlsplit(url if "://" in url else f"https://{url}")
    return found.port or WEBHOOKS.get(found.scheme, 443)
