"""What every object has: its version, its name and place, and the labels by which a part is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.plan.deploy import Deploy, Part

Object = dict[str, Any]
NAME, PART_OF = "app.kubernetes.io/name", "app.kubernetes.io/part-of"
PODS = {  # where each kind has what its pods are made from
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
VERSIONS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Service": "v1",
    "ServiceAccount": "v1",
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


def apart(deploy: Deploy, kind: str, name: str, namespace: str | None, body: Mapping[str, Any]) -> Object:
    """An object that belongs to no single part."""
    where = {"namespace": namespace} if namespace else {}
    meta = {"name": name, **where, "labels": {PART_OF: deploy.fleet}}
    return {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": meta, **body}


def template(found: Object) -> Object:
    """What the pods of an object are made from."""
    inner: Any = found
    for key in PODS[found["kind"]]:
        inner = inner[key]
    return inner  # type: ignore[no-any-return]
