"""What all parts have in common: an account, a Service, pods that may do little, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.plan.deploy import Deploy, Part
    from llmmon.plan.fleet import Secret

Object = dict[str, Any]
NAME, PART_OF = "app.kubernetes.io/name", "app.kubernetes.io/part-of"
NOBODY = 65_534
HARDENED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"  # where every client looks for its token
TOKEN_SECONDS = 3607  # what Kubernetes itself asks for


PODS = {  # where each kind has what its pods are made from
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


@dataclass(frozen=True, slots=True)
class Pod:
    """What runs in a part's pods. `claim` is the volume that each pod has of its own."""

    containers: Sequence[Object]
    volumes: Sequence[Object] = ()
    user: int = NOBODY
    token: bool = False  # whether its containers talk to the API server
    claim: str | None = None
    grace: int = 30
    init: Sequence[Object] = field(default=())


def labels(deploy: Deploy, part: Part) -> dict[str, str]:
    """What is on each object of a part, and by which its pods are found."""
    return {deploy.label: part.name, NAME: part.name, PART_OF: deploy.fleet}


def chosen(deploy: Deploy, part: Part) -> dict[str, str]:
    """The labels that select the pods of a part, and of nothing else in its namespace."""
    return {NAME: part.name, PART_OF: deploy.fleet}


def of_kind(deploy: Deploy, part: Part, kind: str, body: Mapping[str, Any], name: str = "") -> Object:
    """An object of a part."""
    return {
        "apiVersion": VERSIONS[kind],
        "kind": kind,
        "metadata": {"name": name or part.name, "namespace": part.namespace, "labels": labels(deploy, part)},
        **body,
    }


VERSIONS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "ConfigMap": "v1",
    "Namespace": "v1",
    "CronJob": "batch/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "Gateway": "networking.istio.io/v1",
    "VirtualService": "networking.istio.io/v1",
    "AuthorizationPolicy": "security.istio.io/v1",
    "Telemetry": "telemetry.istio.io/v1",
}


def apart(deploy: Deploy, kind: str, name: str, namespace: str | None, body: Mapping[str, Any]) -> Object:
    """An object that belongs to no single part."""
    where = {"namespace": namespace} if namespace else {}
    meta = {"name": name, **where, "labels": {PART_OF: deploy.fleet}}
    return {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": meta, **body}


def workload(deploy: Deploy, part: Part, pod: Pod, ports: Mapping[str, int]) -> Iterator[Object]:
    """A Deployment, or a StatefulSet where each pod has a volume; its account, Service, budget and autoscaler."""
    yield of_kind(deploy, part, "ServiceAccount", {"automountServiceAccountToken": False})
    yield service(deploy, part, ports)
    kept = pod.claim is not None
    if kept:
        yield service(deploy, part, ports, f"{part.name}-pods", headless=True)
    scaled = part.most > part.replicas
    spec: Object = {
        **({} if scaled else {"replicas": part.replicas}),
        **({"serviceName": f"{part.name}-pods", "podManagementPolicy": "Parallel"} if kept else _rollout()),
        "selector": {"matchLabels": chosen(deploy, part)},
        "template": {"metadata": {"labels": labels(deploy, part)}, "spec": pod_spec(deploy, part, pod)},
        **({"volumeClaimTemplates": [_claim(deploy, part, str(pod.claim))]} if kept else {}),
    }
    yield of_kind(deploy, part, "StatefulSet" if kept else "Deployment", {"spec": spec})
    if part.most > 1:
        budget = {"maxUnavailable": 1, "selector": {"matchLabels": chosen(deploy, part)}}
        yield of_kind(deploy, part, "PodDisruptionBudget", {"spec": budget})
    if scaled:
        yield of_kind(deploy, part, "HorizontalPodAutoscaler", {"spec": _scaling(part, kept)})


def service(
    deploy: Deploy,
    part: Part,
    ports: Mapping[str, int],
    name: str = "",
    *,
    headless: bool = False,
    sticky: bool = False,
) -> Object:
    """The Service of a part, or the one by which each of its pods has a name."""
    spec = {
        **({"clusterIP": "None", "publishNotReadyAddresses": True} if headless else {}),
        "selector": chosen(deploy, part),
        **({"sessionAffinity": "ClientIP"} if sticky else {}),
        "ports": [{"name": port, "port": number, "targetPort": port} for port, number in ports.items()],
    }
    return of_kind(deploy, part, "Service", {"spec": spec}, name)


def pod_spec(deploy: Deploy, part: Part, pod: Pod) -> Object:
    """A pod without rights beyond its own files."""
    return {
        "serviceAccountName": part.name,
        "automountServiceAccountToken": pod.token,
        "securityContext": secured(pod.user),
        **({"terminationGracePeriodSeconds": pod.grace} if pod.grace != 30 else {}),
        **({"affinity": _apart(deploy, part)} if part.most > 1 else {}),
        **({"initContainers": list(pod.init)} if pod.init else {}),
        "containers": list(pod.containers),
        **({"volumes": list(pod.volumes)} if pod.volumes else {}),
    }


def secured(user: int) -> Object:
    """Who a pod's containers run as; the group may write to their volumes."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container(
    part: Part,
    *,
    args: Sequence[str] = (),
    env: Sequence[Object] = (),
    ports: Mapping[str, int],
    mounts: Sequence[Object],
    probes: Mapping[str, Object],
    udp: Iterable[str] = (),
) -> Object:
    """The main container. Memory has a limit, CPU has none: a container that is held back is slow when it matters."""
    held = set(udp)
    return {
        "name": part.name,
        "image": part.image,
        **({"args": list(args)} if args else {}),
        **({"env": list(env)} if env else {}),
        "ports": [
            {"name": name, "containerPort": port, **({"protocol": "UDP"} if name in held else {})}
            for name, port in ports.items()
        ],
        **probes,
        "resources": resources(part.cpu, part.memory),
        "securityContext": HARDENED,
        **({"volumeMounts": list(mounts)} if mounts else {}),
    }


def resources(cpu: str, memory: str) -> Object:
    """What is asked for, and the memory that is not exceeded."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def http(path: str, port: str, **more: int) -> Object:
    """A probe."""
    return {"httpGet": {"path": path, "port": port}, **more}


def plain(name: str, value: str) -> Object:
    """An environment variable. Kubernetes expands $(NAME), and $$ is one dollar."""
    return {"name": name, "value": value.replace("$", "$$")}


def secret_env(name: str, secret: Secret) -> Object:
    """An environment variable that holds a secret."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.name, "key": secret.key}}}


def mount(volume: str, path: str, *, file: str | None = None, write: bool = False) -> Object:
    """Where a volume, or one file of it, is seen."""
    return {
        "name": volume,
        "mountPath": path,
        **({"subPath": file} if file else {}),
        **({} if write else {"readOnly": True}),
    }


def scratch(name: str, size: str) -> Object:
    """A volume that is gone with its pod."""
    return {"name": name, "emptyDir": {"sizeLimit": size}}


def secret_volume(name: str, secret: str, keys: Iterable[str]) -> Object:
    """These keys of a Secret as files. It has to exist with all of them, or the pod does not start."""
    items = [{"key": key, "path": key} for key in sorted(set(keys))]
    return {"name": name, "secret": {"secretName": secret, "items": items, "defaultMode": 0o440}}


def secret_files(secrets: Iterable[Secret], folder: str) -> tuple[list[Object], list[Object]]:
    """Each Secret as a folder of its name: the volumes, and where they are mounted."""
    keys: dict[str, list[str]] = {}
    for secret in secrets:
        keys.setdefault(secret.name, []).append(secret.key)
    volumes = [secret_volume(volume_name("secret", name), name, found) for name, found in sorted(keys.items())]
    mounts = [mount(volume_name("secret", name), f"{folder}/{name}") for name in sorted(keys)]
    return volumes, mounts


def config_volume(name: str, config: str) -> Object:
    """A ConfigMap; kustomize adds the hash of its content to the name, so that a change rolls the pods out."""
    return {"name": name, "configMap": {"name": config}}


def volume_name(kind: str, name: str) -> str:
    """A volume's name is a DNS label, and a Secret's may have dots and be longer."""
    return f"{kind}-{name.replace('.', '-')}"[:63].rstrip("-")


def folder(path: str) -> str:
    """The folder of a file."""
    return str(PurePosixPath(path).parent)


def _rollout() -> Object:
    return {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}}


def _claim(deploy: Deploy, part: Part, name: str) -> Object:
    kind = {"storageClassName": deploy.storage_class} if deploy.storage_class else {}
    return {
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], **kind, "resources": {"requests": {"storage": part.storage}}},
    }


def _apart(deploy: Deploy, part: Part) -> Object:
    """Better on several machines than on one."""
    term = {"labelSelector": {"matchLabels": chosen(deploy, part)}, "topologyKey": "kubernetes.io/hostname"}
    return {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]
        }
    }


def _scaling(part: Part, kept: bool) -> Object:
    target = {"type": "Utilization", "averageUtilization": part.busy}
    return {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet" if kept else "Deployment",
            "name": part.name,
        },
        "minReplicas": part.replicas,
        "maxReplicas": part.most,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }


def template(found: Object) -> Object:
    """What the pods of an object are made from."""
    inner: Any = found
    for key in PODS[found["kind"]]:
        inner = inner[key]
    return inner  # type: ignore[no-any-return]
