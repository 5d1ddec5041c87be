"""Rule groups as Prometheus reads them: in a rule file, and inside the objects that hold one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration, promql
from llmmon.plan import Alert, Recording
from llmmon.plan.fleet import SEVERITIES

if TYPE_CHECKING:
    from llmmon.plan import Fleet, Group

WATCHDOG, EXPRESSION = "Watchdog", "vector(1)"
WIDTH = 100  # columns of an expression before it is broken over lines


def group(found: Group) -> dict[str, Any]:
    """A group and its rules."""
    out: dict[str, Any] = {"name": found.name}
    if found.interval:
        out["interval"] = duration.text(found.interval)
    out["rules"] = [_alert(rule) if isinstance(rule, Alert) else _recording(rule) for rule in found.rules]
    return out


def watchdog(fleet: Fleet, environment: str) -> dict[str, Any]:
    """The group of an alert that always fires, so that silence is news."""
    rule = {
        "alert": WATCHDOG,
        "expr": EXPRESSION,
        "labels": watchdog_labels(fleet, environment),
        "annotations": {
            "summary": "Alerting works",
            "description": "This alert always fires; who receives it should notice when it stops.",
            "runbook_url": fleet.runbooks.replace("{service}", fleet.name).replace("{alert}", WATCHDOG),
        },
    }
    return {"name": f"{fleet.name}.{environment}.meta", "rules": [rule]}


def watchdog_labels(fleet: Fleet, environment: str) -> dict[str, str]:
    """The labels of the Watchdog; the fleet stands in for a service."""
    severity = fleet.severities[SEVERITIES[-1]]
    return {"severity": severity, "category": "meta", "service": fleet.name, "environment": environment}


def _recording(rule: Recording) -> dict[str, Any]:
    return {"record": rule.name, "expr": promql.pretty(rule.expr, WIDTH), "labels": dict(rule.labels)}


def _alert(rule: Alert) -> dict[str, Any]:
    out: dict[str, Any] = {"alert": rule.name, "expr": promql.pretty(rule.expr, WIDTH)}
    if rule.hold:
        out["for"] = duration.text(rule.hold)
    if rule.keep:
        out["keep_firing_for"] = duration.text(rule.keep)
    return out | {"labels": dict(rule.labels), "annotations": dict(rule.annotations)}
