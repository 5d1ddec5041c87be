"""Health specs as text, and the values around them that lowering and the target want."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml

from llmmon.lower.health import lower_health
from llmmon.plan import Fleet, Health, Service, Workload
from llmmon.problem import Origin, Problem
from llmmon.source.document import Document
from llmmon.spec.health import Health as Written

DEPLOYMENT = Workload("Deployment", "llm", "litellm", "proxy")
GOOD = "{port: 4000, liveness: /health/liveliness, readiness: /health/ready}"


def document(health: str) -> Document:
    """A spec whose third line is the health section, in flow style."""
    return Document("specs/chat.yaml", f"service: chat\nteam: inference\nhealth: {health}\n")


def written(health: str) -> Written:
    """The section as pydantic takes it."""
    return Written.model_validate(yaml.safe_load(health))


def lowered(health: str, workload: Workload | None = DEPLOYMENT) -> tuple[Health | None, list[Problem]]:
    """The section, lowered."""
    return lower_health(written(health), workload, Origin(document(health)))


def plan(health: str) -> Health:
    """The section, lowered, where it must be without errors."""
    result, problems = lowered(health)
    assert result is not None, problems
    return result


def complaints(health: str) -> list[tuple[str, str, int, int]]:
    """Level, rule, line and column of each problem."""
    _, problems = lowered(health)
    return [(str(p.level), p.rule, *p.origin.position()) for p in problems]


def service(health: Health | None, workload: Workload | None = DEPLOYMENT) -> Service:
    """A service with this health and nothing else."""
    nothing: dict[str, Any] = {}
    return Service(
        name="chat",
        system=None,
        team="inference",
        description="",
        spec="specs/chat.yaml",
        workload=workload,
        depends_on=(),
        metrics=nothing,
        rules=(),
        dashboards=(),
        health=health,
        logs=None,
        prose=nothing,
        origin=Origin(document(GOOD)),
    )


def fleet() -> Fleet:
    """A fleet with nothing in it."""
    nothing: dict[str, Any] = {}
    return Fleet(
        name="acme",
        versions={"kubernetes": (1, 33)},
        scrape_interval=timedelta(seconds=30),
        runbooks="",
        dashboards="",
        severities={"critical": "critical", "warning": "warning", "info": "info"},
        environments=(),
        teams=nothing,
        copies=(),
        catch_all=(),
        watchdog=(),
        defaults=nothing,
        elasticsearch=nothing,
        origin=Origin(document(GOOD)),
    )
