"""Alerts and services as runbooks get them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmmon import promql
from llmmon.plan import Alert, Fleet, Group, Health, Rules, Service, Workload
from llmmon.plan import shapes as sh
from llmmon.problem import Origin
from llmmon.source.document import Document
from llmmon.targets.runbooks import emit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.plan.fleet import Severity

SPEC = Document("specs/chat.yaml", "service: chat\n")
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
BUCKET = promql.Selector("chat_seconds_bucket")
P95 = sh.Shape(sh.Quantile(BUCKET, Decimal("0.95"), 5 * MINUTE, (Decimal(1),)), (), sh.Above(Decimal("2.5")))
DEPLOYMENT = Workload("Deployment", "llm", "litellm", "proxy")


def alert(
    name: str,
    shape: sh.Shape | None = P95,
    *,
    severity: Severity = "critical",
    hold: timedelta = 5 * MINUTE,
    unit: str | None = "seconds",
    expr: str = "up > 1",
    category: str = "latency",
    environment: str = "production",
    carries: frozenset[str] = frozenset(),
    annotations: Mapping[str, str] | None = None,
    **labels: str,
) -> Alert:
    """One rule."""
    static = {"severity": severity, "category": category, "service": "chat", "environment": environment, **labels}
    return Alert(
        id=f"{name}@{severity}",
        name=name,
        expr=promql.parse(expr),
        shape=shape,
        hold=hold,
        keep=timedelta(0),
        severity=severity,
        labels=static,
        carries=carries,
        annotations={"summary": f"{name} on {{{{ $labels.model }}}}"} if annotations is None else annotations,
        unit=unit,
        tests=(),
        origin=Origin(SPEC, ("alerts", name)),
    )


def service(
    *alerts: Alert,
    prose: Mapping[str, str] | None = None,
    workload: Workload | None = DEPLOYMENT,
    health: Health | None = None,
    depends_on: tuple[str, ...] = (),
    team: str = "inference",
) -> Service:
    """A service with these rules, each in the environment that its label names."""
    environments = dict.fromkeys(rule.labels["environment"] for rule in alerts)
    origin = Origin(SPEC)
    rules = tuple(
        Rules(name, (Group("g", None, tuple(a for a in alerts if a.labels["environment"] == name), origin),), {})
        for name in environments
    )
    documents = {name: Document(f"specs/runbooks/chat/{name}.md", text) for name, text in (prose or {}).items()}
    return Service(
        name="chat",
        system=None,
        team=team,
        description="",
        spec="specs/chat.yaml",
        workload=workload,
        depends_on=depends_on,
        metrics={},
        rules=rules,
        dashboards=(),
        health=health,
        logs=None,
        prose=documents,
        origin=origin,
    )


def pages(of: Service) -> dict[str, str]:
    """File name to text."""
    return {artifact.path.name: artifact.text for artifact in emit(fleet(), of)}


def page(of: Service) -> str:
    """The one page of a service with one alert."""
    [text] = pages(of).values()
    return text


def fleet() -> Fleet:
    """A fleet with nothing in it but the times in which alerts are answered."""
    nothing: dict[Any, Any] = {}
    return Fleet("acme", nothing, MINUTE, "", "", nothing, (), nothing, (), (), (), nothing, nothing, Origin(SPEC))
