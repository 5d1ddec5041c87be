"""What to do about an alert, step by step, with commands for the service's workload (Markdown)."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from llmmon.lower.conditions import category
from llmmon.markdown import block, code, link, text
from llmmon.plan import shapes
from llmmon.plan.fleet import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Alert, Service, Workload
    from llmmon.plan.fleet import Severity

RESPONSES: Mapping[Severity, tuple[str, str]] = {
    "critical": ("acknowledge within 5 minutes", "resolve or escalate within 30 minutes"),
    "warning": ("acknowledge within 30 minutes", "resolve or escalate within 2 hours"),
    "info": ("best effort", "best effort"),
}

_KINDS = {"Deployment": "deployment", "StatefulSet": "statefulset", "DaemonSet": "daemonset"}
_REVERSIBLE = frozenset({"availability", "errors", "latency", "quality", "change"})
_SCALABLE = frozenset({"latency", "saturation", "capacity"})


def investigate(service: Service, alerts: Sequence[Alert]) -> Iterator[str]:
    """Where to look, first things first."""
    first = alerts[0]
    if url := first.annotations.get("dashboard_url"):
        yield f"Open {link('the dashboard', url)} and see when it began, and what changed at that time."
    if first.carries:
        names = ", ".join(code(name) for name in sorted(first.carries))
        yield f"Read from the alert's labels whether all are affected or only some: {names}."
    if first.shape and isinstance(first.shape.condition, shapes.Absent | shapes.ReplicaDown):
        yield "Look in Prometheus under Status, Target health: which targets are down or missing, and with what error."
    else:
        yield "Run the expression at the end of this page without its comparison, over the last hours."
    if service.workload:
        yield f"Look at the pods, their events and their logs:\n\n{block(_looking(service.workload), 'bash')}"
    else:
        yield f"Read the logs of {text(service.name)} of the last ten minutes."
    if components := _components(service):
        yield f"Ask the components of one pod:\n\n{block(components, 'bash')}"
    if service.depends_on:
        names = ", ".join(map(text, service.depends_on))
        yield f"See whether an alert is firing for what this service depends on: {names}."


def resolve(service: Service, alerts: Sequence[Alert]) -> Iterator[str]:
    """What helps, depending on what it turns out to be."""
    kind = category(alerts[0])
    workload = service.workload
    if workload and kind in _REVERSIBLE:
        undo = code(f"kubectl -n {quote(workload.namespace)} rollout undo {_owner(workload)}")
        yield f"If it began with a rollout, go back: {undo}"
    if workload and kind == "availability":
        restart = code(f"kubectl -n {quote(workload.namespace)} rollout restart {_owner(workload)}")
        yield f"If the pods run but do not answer, restart them, after saving their logs: {restart}"
    if workload and workload.kind != "DaemonSet" and kind in _SCALABLE:
        scale = code(f"kubectl -n {quote(workload.namespace)} scale {_owner(workload)} --replicas=COUNT")
        yield f"If there is more traffic than the replicas can take, add some: {scale}"
    if kind in ("cost", "security"):
        yield "If one client is the source, limit or block that client, and tell its owner."
    if kind == "meta":
        yield "Put the metric or the target right in the spec, and generate again."
    if service.depends_on:
        yield "If a dependency is the source, follow the runbook of its alert; use a fallback if there is one."
    yield "Watch the value until it has been back for as long as the alert had to hold."


def escalate(service: Service, alerts: Sequence[Alert]) -> Iterator[str]:
    """When somebody else must know."""
    for severity in SEVERITIES:
        if severity != "info" and any(alert.severity == severity for alert in alerts):
            acknowledge, after = RESPONSES[severity]
            yield f"{severity}: {acknowledge}; {after}."
    yield f"At once, when users are harmed and the cause lies outside of what team {text(service.team)} can change."


def _looking(workload: Workload) -> str:
    kubectl = f"kubectl -n {quote(workload.namespace)}"
    owner = _owner(workload)
    return "\n".join(
        (
            f"{kubectl} get pods",
            f"{kubectl} describe {owner}",
            f"{kubectl} get events --sort-by=.lastTimestamp",
            f"{kubectl} logs {owner} -c {quote(workload.container)} --since=10m",
            f"{kubectl} rollout history {owner}",
        )
    )


def _components(service: Service) -> str:
    if service.workload is None or service.health is None or not service.health.components:
        return ""
    forward = f"{_owner(service.workload)} 8080:{service.health.port}"
    lines = [f"kubectl -n {quote(service.workload.namespace)} port-forward {forward} &"]
    paths = sorted(service.health.components.values())
    return "\n".join([*lines, *(f"curl -sS {quote(f'http://localhost:8080{path}')}" for path in paths), "kill %1"])


def _owner(workload: Workload) -> str:
    return f"{_KINDS.get(workload.kind, workload.kind.lower())}/{quote(workload.name)}"
