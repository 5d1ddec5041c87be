"""The namespaces of the stack, where whatever could do more than it has to is warned of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.targets.deployment.objects import PART_OF, VERSIONS, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan.deploy import Deploy

# Not enforced: what else lives there, such as node exporters, may need more.
WATCHED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "warn")}


def objects(deploy: Deploy) -> Iterator[Object]:
    """One for each namespace that a part is in."""
    for name in deploy.namespaces:
        labels = {PART_OF: deploy.fleet, **WATCHED}
        yield {"apiVersion": VERSIONS["Namespace"], "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
