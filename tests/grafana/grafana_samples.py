"""Plans made by hand: one panel of every kind, a dashboard, a service and a fleet around them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from llmmon import plan
from llmmon.classes import replace
from llmmon.plan.dashboards import Kind
from llmmon.problem import Origin
from llmmon.promql import parse
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS: tuple[Kind, ...] = get_args(Kind)
SPEC = Document("specs/chat.yaml", "service: chat\npanels:\n" + "".join(f"  - line {n}\n" for n in range(60)))
HERE = Origin(SPEC, ("service",))
SELECT = '{job="litellm",environment="$environment",model=~"$model"}'


def panel(key: str = "latency", kind: Kind = "timeseries", **changes: Any) -> plan.Panel:
    """A panel with one query, two thresholds and a runbook."""
    made = plan.Panel(
        key=key,
        title=key.replace("_", " ").title(),
        description="How long an answer takes. Metric: request_seconds.",
        kind=kind,
        queries=(query(),),
        unit="s",
        thresholds=(above(1, "warning"), above("2.5", "critical")),
        alerts=(("HighLatency", "https://runbooks.acme.example/chat/HighLatency"),),
        mapping={},
        stacked=False,
        minimum=Decimal(0),
        maximum=None,
        decimals=None,
        width=None,
        height=None,
        origin=HERE,
    )
    return replace(made, **changes)


def query(legend: str = "p95", **changes: Any) -> plan.Query:
    """A quantile over a histogram, at the dashboard's own resolution."""
    rate = f"rate(request_seconds_bucket{SELECT}[$__rate_interval])"
    made = plan.Query(f"histogram_quantile(0.95, sum by (le) ({rate}))", legend)
    return replace(made, **changes)


def above(value: float | str, severity: Any) -> plan.Threshold:
    """A threshold that colours what is over it."""
    return plan.Threshold(Decimal(str(value)), severity)


def below(value: float | str, severity: Any) -> plan.Threshold:
    """A threshold that colours what is under it."""
    return plan.Threshold(Decimal(str(value)), severity, below=True)


def every_kind() -> tuple[plan.Row, ...]:
    """All kinds of panels, one of them mapped, one of several queries, one row collapsed."""
    up = panel("up", "stat", mapping={"1": ("UP", "green"), "0": ("DOWN", "red")}, unit="short", decimals=0)
    percentiles = tuple(query(name) for name in ("p50", "p95", "p99"))
    by_model = query("{{model}}", instant=True)
    return (
        plan.Row("", (up, panel("ratio", "gauge", unit="percentunit", thresholds=(below("0.99", "critical"),)))),
        plan.Row("Latency", (panel("percentiles", queries=percentiles), panel("buckets", "heatmap", minimum=None))),
        plan.Row(
            "Models",
            (
                panel("stacked", stacked=True, thresholds=(above("0.5", "target"),), decimals=2),
                panel("by_model", "bargauge", queries=(by_model,)),
                panel("share", "piechart", queries=(by_model,), thresholds=()),
                panel("bars", "barchart", queries=(query("answers"), query("errors")), stacked=True),
                panel("list", "table", queries=(query("p95"), query("errors"))),
                panel("single", "table", queries=(query("p95", instant=True),)),
            ),
            collapsed=True,
        ),
        plan.Row("Notes", (panel("notes", "text", queries=(), thresholds=(), alerts=()),)),
    )


def dashboard(rows: Sequence[plan.Row] | None = None, **changes: Any) -> plan.Dashboard:
    """A dashboard of the service `chat`."""
    made = plan.Dashboard(
        name="overview",
        uid="chat-overview",
        title="Chat",
        description="Is the chat healthy?",
        service="chat",
        team="inference",
        spec=SPEC.path,
        refresh=timedelta(minutes=1),
        span=timedelta(hours=6),
        variables=(
            plan.Variable("environment", "Environment", options=(("production", "production"), ("staging", "staging"))),
            plan.Variable("model", "Model", query="label_values(request_seconds_bucket, model)", multi=True),
            plan.Variable("window", "Window", options=(("short", "5m"), ("long, slow", "1h"))),
        ),
        rows=tuple(every_kind() if rows is None else rows),
        origin=HERE,
    )
    return replace(made, **changes)


def alert(severity: Any) -> plan.Alert:
    """An alert of that severity."""
    return plan.Alert(
        id=f"HighLatency@{severity}",
        name="HighLatency",
        expr=parse("request_seconds > 1"),
        shape=None,
        hold=timedelta(minutes=5),
        keep=timedelta(0),
        severity=severity,
        labels={},
        carries=frozenset(),
        annotations={},
        unit="s",
        tests=(),
        origin=HERE,
    )


def service(*dashboards: plan.Dashboard) -> plan.Service:
    """The service, with a critical and a warning alert in one environment."""
    group = plan.Group("chat.production.alerts", None, (alert("critical"), alert("warning")), HERE)
    return plan.Service(
        name="chat",
        system=None,
        team="inference",
        description="Answers people.",
        spec=SPEC.path,
        workload=None,
        depends_on=(),
        metrics={},
        rules=(plan.Rules("production", (group,), {}),),
        dashboards=dashboards or (dashboard(),),
        health=None,
        logs=None,
        prose={},
        origin=HERE,
    )


def fleet(*environments: plan.Environment) -> plan.Fleet:
    """A fleet with renamed severities."""
    return plan.Fleet(
        name="acme",
        versions={"grafana": (12,)},
        scrape_interval=timedelta(seconds=30),
        runbooks="https://runbooks.acme.example/{service}/{alert}",
        dashboards="https://grafana.acme.example/d/{uid}",
        severities={"critical": "page", "warning": "ticket", "info": "note"},
        environments=environments or (plan.Environment("production", {"environment": "production"}, {}),),
        teams={},
        copies=(),
        catch_all=(),
        watchdog=(),
        defaults={},
        elasticsearch={},
        origin=Origin(Document("specs/fleet.yaml", "fleet: acme\n"), ("fleet",)),
    )
