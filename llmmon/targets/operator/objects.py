"""What all objects have in common: their envelope, their names, and how a relabeling sets a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.plan.operator import Operator

MONITORING = "monitoring.coreos.com/v1"
VERSIONS = {
    "AlertmanagerConfig": "monitoring.coreos.com/v1alpha1",
    "VMRule": "operator.victoriametrics.com/v1beta1",
    "ConfigMap": "v1",
    "Secret": "v1",
}


def of_kind(operator: Operator, kind: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """An object of this kind and name, in the operator's namespace and with its labels."""
    labels = {"labels": dict(operator.labels)} if operator.labels else {}
    return {
        "apiVersion": VERSIONS.get(kind, MONITORING),
        "kind": kind,
        "metadata": {"name": name, "namespace": operator.namespace, **labels},
        **body,
    }


def relabelings(labels: Mapping[str, str]) -> list[dict[str, str]]:
    """What puts these labels on a target; `$` would refer to a group."""
    return [{"targetLabel": label, "replacement": value.replace("$", "$$")} for label, value in labels.items()]
