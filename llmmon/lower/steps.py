"""What to do about an alert, step by step, with commands for what runs its service (Markdown)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from llmmon import duration, promql
from llmmon.lower import commands
from llmmon.lower.conditions import category
from llmmon.markdown import block, code, link, text
from llmmon.plan import shapes
from llmmon.plan.fleet import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Alert, Fleet, Service
    from llmmon.plan.fleet import Severity

_REVERSIBLE = frozenset({"availability", "errors", "latency", "quality", "change"})
_SCALABLE = frozenset({"latency", "saturation", "capacity"})
_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})


def response(fleet: Fleet, severity: Severity) -> list[str]:
    """How soon an alert of this severity is answered, in words."""
    times = fleet.response.get(severity)
    if times is None:
        return ["best effort"]
    return [
        f"acknowledge within {duration.words(times.acknowledge)}",
        f"resolve or escalate within {duration.words(times.resolve)}",
    ]


def opening(alerts: Sequence[Alert]) -> Iterator[str]:
    """What to do before anything else: the dashboard, and who is affected."""
    first = alerts[0]
    if url := first.annotations.get("dashboard_url"):
        yield f"Open {link('the dashboard', url)} and see when it began, and what changed at that time."
    if first.carries:
        names = ", ".join(code(name) for name in sorted(first.carries))
        yield f"Read from the alert's labels whether all are affected or only some: {names}."


def asking(fleet: Fleet, alerts: Sequence[Alert]) -> Iterator[str]:
    """What to ask Prometheus for."""
    first = alerts[0]
    if first.shape and isinstance(first.shape.condition, shapes.Absent | shapes.ReplicaDown):
        yield "Look in Prometheus under Status, Target health: which targets are down or missing, and with what error."
    else:
        yield f"Ask for the value itself, over the last hours{_linked(fleet, first)}:\n\n{_value(first)}"


def looking(service: Service) -> Iterator[str]:
    """How to look at what runs the service, and at what it depends on."""
    if found := commands.looking(service):
        what = "the pods, their events and their logs" if service.workload else "its state and its logs"
        yield f"Look at {what}:\n\n{_bash(found)}"
    else:
        yield f"Read the logs of {text(service.name)} of the last ten minutes."
    if found := commands.components(service):
        yield f"Ask the components of one pod:\n\n{_bash(found)}"
    if service.depends_on:
        names = ", ".join(map(text, service.depends_on))
        yield f"See whether an alert is firing for what this service depends on: {names}."


def resolve(service: Service, alerts: Sequence[Alert]) -> Iterator[str]:
    """What helps, depending on what it turns out to be."""
    kind = category(alerts[0])
    if kind in _REVERSIBLE and (undo := commands.undo(service)):
        yield f"If it began with a rollout, go back: {code(undo)}"
    if kind == "availability" and (restart := commands.restart(service)):
        yield f"If it runs but does not answer, restart it, after saving its logs: {code(restart)}"
    if kind in _SCALABLE and (scale := commands.scale(service)):
        yield f"If there is more traffic than the replicas can take, add some: {code(scale)}"
    if kind in ("cost", "security"):
        yield "If one client is the source, limit or block that client, and tell its owner."
    if kind == "meta":
        yield "Put the metric or the target right in the spec, and generate again."
    if service.depends_on:
        yield "If a dependency is the source, follow the runbook of its alert; use a fallback if there is one."
    yield "Watch the value until it has been back for as long as the alert had to hold."


def escalate(fleet: Fleet, service: Service, alerts: Sequence[Alert]) -> Iterator[str]:
    """When somebody else must know."""
    found = [severity for severity in SEVERITIES if any(alert.severity == severity for alert in alerts)]
    for severity in found:
        if fleet.response.get(severity):
            yield f"{severity}: {'; '.join(response(fleet, severity))}."
        else:
            yield f"{severity}: best effort; nobody is called for it."
    if found != ["info"]:
        yield f"At once, when users are harmed and the cause lies outside of what team {text(service.team)} can change."


def value(alert: Alert) -> promql.Expr:
    """What the alert compares, without its comparison and without its guard."""
    expr = alert.expr
    while True:
        match expr:
            case promql.Binary(op="and", lhs=inner) | promql.Paren(expr=inner):
                expr = inner
            case promql.Binary(op=op, lhs=inner) if op in _COMPARISONS:
                return inner
            case _:
                return alert.expr if isinstance(expr, promql.Binary) and expr.op == "or" else expr


def query_url(fleet: Fleet, expression: str) -> str:
    """Where the fleet's Prometheus shows an expression; empty where the fleet does not say."""
    return fleet.queries.replace("{expr}", quote(expression, safe=""))


def _value(alert: Alert) -> str:
    return block(promql.pretty(value(alert)), "promql")


def _linked(fleet: Fleet, alert: Alert) -> str:
    url = query_url(fleet, promql.to_text(value(alert)))
    return f" ({link('in Prometheus', url)})" if url else ""


def _bash(lines: Sequence[str]) -> str:
    return block("\n".join(lines), "bash")
