"""A monitor that selects nothing, or a port that what it selects does not have.

Prometheus then scrapes nothing, and nobody says so. Quiet where what it should select is not in the run: that a Service
of the monitor's own name, or one in the same file, has other labels is a mistake.

Bad:

    - kind: Service
      metadata: {name: chat, labels: {app: chat}}
      spec: {ports: [{name: metrics, port: 9000}]}
    - kind: ServiceMonitor
      metadata: {name: chat}
      spec: {selector: {matchLabels: {app: caht}}, endpoints: [{port: metrics}]}

    - kind: Service
      metadata: {name: chat, labels: {app: chat}}
      spec: {ports: [{name: http, port: 80}]}
    - kind: ServiceMonitor
      metadata: {name: chat}
      spec: {selector: {matchLabels: {app: chat}}, endpoints: [{port: metrics}]}

Good:

    - kind: Service
      metadata: {name: chat, labels: {app: chat}}
      spec: {ports: [{name: metrics, port: 9000}]}
    - kind: ServiceMonitor
      metadata: {name: chat}
      spec: {selector: {matchLabels: {app: chat}}, endpoints: [{port: metrics}]}

    - kind: ServiceMonitor
      metadata: {name: chat}
      spec: {selector: {matchLabels: {app: chat}}, endpoints: [{port: metrics}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.documents.objects import Monitor, Objects, Target
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.rule import Facts


def check(objects: Objects, facts: Facts) -> Iterator[Finding]:
    del facts
    kinds: dict[str, list[Target]] = {"ServiceMonitor": [], "PodMonitor": []}
    for target in objects.targets:
        kinds["ServiceMonitor" if target.kind == "Service" else "PodMonitor"].append(target)
    for monitor in objects.monitors:
        selector = monitor.value.get("selector")
        if isinstance(selector, dict) and not selector.get("matchExpressions"):
            yield from _one(monitor, selector.get("matchLabels"), kinds[monitor.kind])


def _one(monitor: Monitor, labels: object, targets: list[Target]) -> Iterator[Finding]:
    if not isinstance(labels, dict) or not labels:
        return
    near = [target for target in targets if _may(monitor, target)]
    chosen = [target for target in near if all(target.labels.get(key) == str(text) for key, text in labels.items())]
    if not chosen:
        mine = [one for one in near if one.name == monitor.name or one.origin.document is monitor.origin.document]
        if len(mine) == 1 and mine[0].labels:
            said = ", ".join(f"{key}: {text}" for key, text in sorted(mine[0].labels.items()))
            message = f"this selects no {mine[0].kind}: {mine[0].name} has the labels {said[:200]}"
            yield Finding("K006", message, origin=monitor.origin.at("selector"), related=(mine[0].origin,))
        return
    for endpoint, origin in monitor.endpoints:
        port = endpoint.get("port")
        if isinstance(port, str) and all(target.ports and port not in target.ports for target in chosen):
            names = ", ".join(sorted({name for target in chosen for name in target.ports}))
            message = f"{chosen[0].name} has no port named {port}: write one of {names}"
            yield Finding("K007", message, origin=origin.at("port"), related=(chosen[0].origin,))


def _may(monitor: Monitor, target: Target) -> bool:
    """Whether a monitor looks into the namespace of a target."""
    where: Mapping[str, Any] | None = monitor.value.get("namespaceSelector")
    if not isinstance(where, dict) or not where:
        return monitor.namespace == target.namespace
    names = where.get("matchNames")
    return where.get("any") == "true" or (isinstance(names, list) and target.namespace in names)


RULE = Rule(Objects, check, {"K006": Level.WARNING, "K007": Level.ERROR})
