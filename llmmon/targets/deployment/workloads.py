"""A workload and what belongs to it: its account, Services, disruption budget and autoscaler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.targets.deployment.objects import Object, chosen, labels, of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan.deploy import Deploy, Part

NOBODY = 65_534


@frozen
class Pod:
    """What runs in a part's pods. `claim` is the volume that each pod has of its own."""

    containers: Sequence[Object]
    volumes: Sequence[Object] = ()
    user: int = NOBODY
    token: bool = False  # whether its containers talk to the API server
    claim: str | None = None
    grace: int = 30


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
