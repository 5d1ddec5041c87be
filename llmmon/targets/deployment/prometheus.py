"""Prometheus: one StatefulSet per server, and the rights that its scrape jobs need."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.classes import replace
from llmmon.plan.server import SECRETS, Access, Files, Nodes, Pods
from llmmon.targets.deployment.containers import ACCOUNT, container, http
from llmmon.targets.deployment.objects import Object, apart
from llmmon.targets.deployment.volumes import config_volume, mount, secret_files, volume_name
from llmmon.targets.deployment.workloads import Pod, service, workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.plan.deploy import Deploy, Part
    from llmmon.plan.server import Server, Servers

PORTS = {"http": 9090}
HOME = PurePosixPath("/etc/prometheus")
DATA = "/prometheus"
READ = ["get", "list", "watch"]
POD_NAME = {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}  # tells replicas apart


def objects(
    deploy: Deploy, servers: Servers, server: Server, rules: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[Object]:
    """All objects of one server; `rules` are its environments with the ConfigMaps of their rule files."""
    part = of_server(deploy, server)
    pod = _pod(deploy, part, servers, server, rules)
    for found in workload(deploy, part, pod, PORTS):
        # One client always asks the same replica, or a graph would jump between two that were scraped at other times.
        same = found["kind"] == "Service" and found["metadata"]["name"] == part.name
        yield service(deploy, part, PORTS, sticky=True) if same else found
    yield from _rights(deploy, part, server)


def of_server(deploy: Deploy, server: Server) -> Part:
    """The part of one server: those of environments of their own carry its name. What receives is alone: of several,
    each would receive a part."""
    part = deploy.parts["prometheus"]
    if server.receives:
        return replace(part, name="prometheus-receiver", replicas=1, most=1)
    return replace(part, name=f"prometheus-{server.environment}") if server.environment else part


def config_name(server: Server) -> str:
    """The ConfigMap of a server's configuration."""
    name = "receiver" if server.receives else server.environment
    return f"prometheus-{name}-config" if name else "prometheus-config"


def flags(deploy: Deploy, servers: Servers, part: Part, server: Server) -> list[str]:
    """The command line. Nothing reloads it: a change of the configuration is a rollout."""
    url = deploy.host(part.name)
    return [
        f"--config.file={HOME / server.file}",
        f"--storage.{'agent' if server.agent else 'tsdb'}.path={DATA}",
        *(servers.receiver_flags if server.receives else servers.flags),
        *([f"--web.external-url=https://{url}"] if url else []),
        *(["--web.enable-admin-api"] if deploy.saves("prometheus") and not server.agent else []),
    ]


def _pod(
    deploy: Deploy, part: Part, servers: Servers, server: Server, rules: Sequence[tuple[str, Sequence[str]]]
) -> Pod:
    one = replace(servers, servers=(server,))
    volumes, mounts = secret_files(one.secrets, SECRETS)
    more, seen = _beside(server, servers)
    files = [_rule_volume(environment, maps) for environment, maps in rules]
    return Pod(
        containers=[
            container(
                part,
                args=flags(deploy, servers, part, server),
                ports=PORTS,
                env=[POD_NAME] if servers.replica else [],
                mounts=[
                    mount("config", str(HOME / server.file), file=server.file),
                    *(mount(f"rules-{environment}", f"{HOME}/rules/{environment}") for environment, _ in rules),
                    *mounts,
                    *seen,
                    mount("data", DATA, write=True),
                ],
                probes={
                    # Reading the write-ahead log again after a crash takes minutes.
                    "startupProbe": http("/-/ready", "http", periodSeconds=15, failureThreshold=60),
                    "livenessProbe": http("/-/healthy", "http", periodSeconds=10, failureThreshold=6),
                    "readinessProbe": http("/-/ready", "http", periodSeconds=5),
                },
            )
        ],
        volumes=[config_volume("config", config_name(server)), *files, *volumes, *more],
        token=any(_talks(job.discovery, job.access) for job in server.jobs),
        claim="data",
        grace=300,
    )


def _rule_volume(environment: str, maps: Sequence[str]) -> Object:
    """One folder of rule files, out of as many ConfigMaps as they need."""
    sources = [{"configMap": {"name": name}} for name in maps]
    return {"name": f"rules-{environment}", "projected": {"sources": sources}}


def _beside(server: Server, servers: Servers) -> tuple[list[Object], list[Object]]:
    """Folders that the configuration names and that nobody generates: authorities, and files of targets."""
    folders = sorted({str(HOME / PurePosixPath(path).parent) for path in _paths(server, servers)})
    volumes = [config_volume(volume_name("files", _slug(path)), f"prometheus-{_slug(path)}") for path in folders]
    return volumes, [mount(volume_name("files", _slug(path)), path) for path in folders]


def _slug(path: str) -> str:
    return PurePosixPath(path).relative_to(HOME).as_posix().replace("/", "-").replace("_", "-").lower()


def _paths(server: Server, servers: Servers) -> Iterator[str]:
    """Only what is below the configuration's own folder can be mounted without hiding something of the image."""
    for job in server.jobs:
        if isinstance(job.discovery, Files):
            yield from (path for path in job.discovery.paths if not path.startswith("/"))
    for access in _accesses(server, servers):
        if access.ca and not access.ca.startswith(f"{ACCOUNT}/") and (HOME / access.ca).is_relative_to(HOME):
            yield access.ca


def _accesses(server: Server, servers: Servers) -> Iterator[Access]:
    yield servers.alertmanagers.access
    yield from (remote.access for remote in (*servers.remote_write, *servers.remote_read, *server.sends))
    if server.federation:
        yield server.federation.access
    for job in server.jobs:
        yield job.access
        if isinstance(job.discovery, Pods | Nodes) and job.discovery.cluster:
            yield job.discovery.cluster.access


def _talks(found: object, access: Access) -> bool:
    """Whether the account's own token is used: to find targets in this cluster, or to be let in by one."""
    here = isinstance(found, Pods | Nodes) and found.cluster is None
    return here or str(access.bearer).startswith(f"{ACCOUNT}/")


def _rights(deploy: Deploy, part: Part, server: Server) -> Iterator[Object]:
    """To see the pods of the namespaces that it scrapes, and of each node its kubelet; nothing else."""
    local = [job.discovery for job in server.jobs if isinstance(job.discovery, Pods | Nodes)]
    local = [found for found in local if found.cluster is None]
    namespaces = sorted({found.namespace for found in local if isinstance(found, Pods)})
    whole = f"{deploy.fleet}-{part.name}"
    if namespaces:
        yield _cluster_role(deploy, f"{whole}-pods", [([""], ["pods"], READ)])
    for namespace in namespaces:
        yield _binding(deploy, part, "RoleBinding", f"{whole}-pods", namespace)
    if any(isinstance(found, Nodes) for found in local):
        rules = [([""], ["nodes"], READ), ([""], ["nodes/metrics"], ["get"])]
        yield _cluster_role(deploy, f"{whole}-nodes", rules)
        yield _binding(deploy, part, "ClusterRoleBinding", f"{whole}-nodes", None)


def _cluster_role(deploy: Deploy, name: str, rules: Iterable[tuple[list[str], list[str], list[str]]]) -> Object:
    said = [{"apiGroups": groups, "resources": resources, "verbs": verbs} for groups, resources, verbs in rules]
    return apart(deploy, "ClusterRole", name, None, {"rules": said})


def _binding(deploy: Deploy, part: Part, kind: str, role: str, namespace: str | None) -> Object:
    body = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": part.name, "namespace": part.namespace}],
    }
    return apart(deploy, kind, role, namespace, body)
