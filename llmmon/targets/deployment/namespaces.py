"""The namespaces of the stack, where whatever could do more than it has to is warned of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.targets.deployment.objects import PART_OF, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan.deploy import Deploy

# Not enforced: what else lives there, such as node exporters, may need more.
WATCHED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "warn")}
AMBIENT = {"istio.io/dataplane-mode": "ambient"}  # Istio encrypts and authenticates between their pods


def objects(deploy: Deploy) -> Iterator[Object]:
    """One for each namespace that a part is in."""
    mesh = AMBIENT if deploy.ambient else {}
    for name in deploy.namespaces:
        labels = {PART_OF: deploy.fleet, **WATCHED, **mesh}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
