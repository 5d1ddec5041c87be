"""An alerting rule with everything that each of them has: static labels, texts and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.lower import text
from llmmon.plan import Alert, Test
from llmmon.plan.fleet import RESERVED, Severity
from llmmon.promql.labels import result_labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.lower.place import Place
    from llmmon.plan import shapes as sh
    from llmmon.problem import Origin


def rule(
    place: Place,
    *,
    name: str,
    expression: str,
    shape: sh.Shape,
    severity: Severity,
    category: str,
    hold: timedelta,
    keep: timedelta,
    summary: str,
    description: str,
    of: str | None,
    origin: Origin,
    tests: tuple[Test, ...] = (),
    variant: str = "",
    board: str = "service",
    **more: str,
) -> Alert | None:
    """An alert with everything that each alert has: static labels, texts, links. None where it was demoted away."""
    demoted = place.environment.demote.get(severity, severity)
    if demoted == "off":  # type: ignore[comparison-overlap] # the fleet may say off
        return None
    expr = place.names.parse(expression, origin)
    if expr is None:
        return None
    carried = result_labels(expr, place.names.labels_of)
    static = {
        "severity": place.fleet.severities.get(demoted, demoted),
        "category": category,
        "service": place.scope.service,
        "team": place.team,
        "environment": place.environment.name,
        **({"namespace": place.workload.namespace} if place.workload else {}),
        **more,
    }
    for label in sorted(carried.names & set(RESERVED) - carried.fixed - _pinned(expr, static)):
        message = f"the result keeps the label {label!r}, which is reserved: aggregate it away, or rename it with by:"
        place.names.add(origin, message, "reserved-label")
    return Alert(
        id=f"{name}@{variant or demoted}",
        name=name,
        expr=expr,
        shape=shape,
        hold=hold,
        keep=keep,
        severity=demoted,
        labels=static,
        carries=carried.names - static.keys(),
        annotations={
            "summary": summary,
            "description": description,
            "runbook_url": place.fleet.runbooks.replace("{service}", place.scope.service).replace("{alert}", name),
            "dashboard_url": place.fleet.dashboards.replace("{uid}", text.uid(place.scope.service, board))
            + f"?var-environment={place.environment.name}",
        },
        unit=of,
        tests=tests,
        origin=origin,
    )


def _pinned(expr: promql.Expr, static: Mapping[str, str]) -> set[str]:
    """Labels that every selector pins to the alert's own value, so that overwriting them changes nothing."""
    selectors = [node for node in promql.walk(expr) if isinstance(node, promql.Selector)]
    pinned = [{m.label for m in node.matchers if m.op == "=" and static.get(m.label) == m.value} for node in selectors]
    return set.intersection(*pinned) if pinned else set()
