"""A monitor that selects nothing, or a port that what it selects does not have.

Prometheus then scrapes nothing, and nobody says so. Quiet where what it should select is not in the run: that a Service
of the monitor's own name, or one in the same file, has other labels, or other ports, is a mistake.

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

_FEW = 5  # objects of one name, or of one document, that are looked at


def check(objects: Objects, facts: Facts) -> Iterator[Finding]:
    del facts
    by_label: dict[tuple[str, str, str], list[Target]] = {}
    beside: dict[tuple[str, object], list[Target]] = {}  # by name, and by the document that they are in
    for target in objects.targets:
        kind = "ServiceMonitor" if target.kind == "Service" else "PodMonitor"
        for key, text in target.labels.items():
            by_label.setdefault((kind, key, text), []).append(target)
        for near in (target.name, target.origin.document):
            beside.setdefault((kind, near), []).append(target)
    for monitor in objects.monitors:
        selector = monitor.value.get("selector")
        if not isinstance(selector, dict) or selector.get("matchExpressions"):
            continue
        labels = selector.get("matchLabels")
        if not isinstance(labels, dict) or not labels:
            continue
        pairs = [(monitor.kind, key, str(text)) for key, text in labels.items()]
        chosen = [
            target
            for target in min((by_label.get(pair, []) for pair in pairs), key=len)
            if _may(monitor, target) and all(target.labels.get(key) == text for _, key, text in pairs)
        ]
        if chosen:
            yield from _ports(monitor, chosen)
        elif not objects.relabelled:
            found = beside.get((monitor.kind, monitor.name)) or beside.get((monitor.kind, monitor.origin.document), [])
            yield from _nothing(monitor, [target for target in found[:_FEW] if _may(monitor, target)])


def _nothing(monitor: Monitor, near: list[Target]) -> Iterator[Finding]:
    if len(near) == 1 and near[0].labels and not any("$" in text for text in near[0].labels.values()):
        said = ", ".join(f"{key}: {text}" for key, text in sorted(near[0].labels.items()))
        message = f"this selects no {near[0].kind}: {near[0].name} has the labels {said[:200]}"
        yield Finding("K006", message, origin=monitor.origin.at("selector"), related=(near[0].origin,))


def _ports(monitor: Monitor, chosen: list[Target]) -> Iterator[Finding]:
    if not any(one.name == monitor.name or one.origin.document is monitor.origin.document for one in chosen):
        return  # that of the monitor may be elsewhere, with the same labels
    for endpoint, origin in monitor.endpoints:
        port = endpoint.get("port")
        if isinstance(port, str) and all(target.ports and port not in target.ports for target in chosen):
            names = ", ".join(sorted({name for target in chosen for name in target.ports}))
            message = f"{chosen[0].name} has no port named {port}: add it there, or write one of {names[:200]}"
            yield Finding("K007", message, origin=origin.at("port"), related=(chosen[0].origin,))


def _may(monitor: Monitor, target: Target) -> bool:
    """Whether a monitor looks into the namespace of a target."""
    where: Mapping[str, Any] | None = monitor.value.get("namespaceSelector")
    if not isinstance(where, dict) or not where:
        return monitor.namespace == target.namespace
    names = where.get("matchNames")
    return where.get("any") == "true" or (isinstance(names, list) and target.namespace in names)


RULE = Rule(Objects, check, {"K006": Level.WARNING, "K007": Level.ERROR}, advice=frozenset(("K006",)))
