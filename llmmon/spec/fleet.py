"""What a user may write about the fleet: environments, teams, receivers, versions."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from llmmon.spec.alerts import Category, Severity
from llmmon.spec.backend import Backend, also, one_engine
from llmmon.spec.deploy import Deploy
from llmmon.spec.logstack import LogStack
from llmmon.spec.model import Label, Model, Name, PositiveDuration, as_list, shown
from llmmon.spec.operator import Operator
from llmmon.spec.outside import Blackbox
from llmmon.spec.runbooks import Responses
from llmmon.spec.server import Server
from llmmon.spec.tracing import Tracing

_VERSION = re.compile(r"[0-9]+(\.[0-9]+){0,2}\Z")


def _version(value: Any) -> str:
    text = str(value)
    if isinstance(value, float):
        raise ValueError(f'{text} is a number, so 2.50 would become 2.5: write "{text}" in quotes')
    if not _VERSION.match(text):
        raise ValueError(f'{shown(value)} is no version: write it like "3.5"')
    return text


Version = Annotated[
    str, BeforeValidator(_version), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+){0,2}$"})
]


def _receiver(value: Any) -> Any:
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"{shown(value)} is no receiver: write one kind, such as {{slack: '#alerts'}}")
    return value


def _secret(value: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get("secret"), str):
        raise ValueError("a secret is never written into a spec: write a reference, {secret: name/key}")
    return value


SecretRef = Annotated[
    dict[Literal["secret"], str],
    BeforeValidator(_secret),
    WithJsonSchema({"type": "object", "properties": {"secret": {"type": "string"}}, "additionalProperties": False}),
]
ReceiverList = Annotated[
    tuple[Annotated[dict[str, Any], BeforeValidator(_receiver)], ...],
    BeforeValidator(as_list),
    WithJsonSchema(
        {
            "description": "Ways to tell somebody, such as {slack: '#alerts'} or {pagerduty: {secret: name/key}}.",
            "type": "array",
            "items": {"type": "object", "minProperties": 1, "maxProperties": 1},
        }
    ),
]


class Versions(Model):
    """What reads the artifacts."""

    prometheus: Version = "2.42"
    alertmanager: Version = "0.25"
    grafana: Version = "12"
    kubernetes: Version = "1.33"
    logstash: Version = "8.15"


class Environment(Model):
    """Where services run."""

    selector: dict[Label, str] = Field(description="Labels of its series; {} where it has a Prometheus of its own.")
    demote: dict[Severity, Severity | Literal["off"]] = Field(default_factory=dict)


class Team(Model):
    """Who answers, and when."""

    critical: ReceiverList = ()
    warning: ReceiverList = ()
    info: ReceiverList = ()
    active: dict[Severity, str] = Field(default_factory=dict, description="Notifies only then.")
    quiet: dict[Severity, str] = Field(default_factory=dict, description="Muted then.")


class When(Model):
    """Static labels of alerts."""

    severity: Severity | None = None
    category: Category | None = None
    service: str | None = None
    team: str | None = None
    environment: str | None = None


class Copy(Model):
    """A further team for some alerts."""

    when: When
    to: str


class Alertmanager(Model):
    """The user's own configuration, which ours joins."""

    base: str | None = None


class Elasticsearch(Model):
    """Where the log pipelines write to."""

    hosts: tuple[str, ...] = Field(min_length=1)
    user: str | None = None
    password: SecretRef | None = None
    api_key: SecretRef | None = None
    ca: str | None = None


class Fleet(Model):
    """All of it."""

    fleet: Name
    versions: Versions = Versions()
    scrape_interval: PositiveDuration = Field("30s", validate_default=True)
    runbooks: str = Field("https://runbooks.example/{service}/{alert}", description="URL with {service} and {alert}.")
    dashboards: str = Field("https://grafana.example/d/{uid}", description="URL with {uid}.")
    queries: str | None = Field(None, description="URL with {expr}: where Prometheus is asked by hand.")
    response: Responses = Field(default_factory=dict, description="How soon alerts are answered, by severity.")
    severities: dict[Severity, str] = Field(default_factory=dict)
    environments: dict[Name, Environment] = Field(min_length=1)
    teams: dict[Name, Team] = Field(min_length=1)
    copies: tuple[Copy, ...] = ()
    catch_all: ReceiverList = Field(min_length=1, description="Who is told of an alert that no team takes.")
    watchdog: ReceiverList = Field((), description="Who is told that alerting works; a dead-man switch.")
    receivers: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Defaults by kind, such as {slack: {secret: slack/webhook}}."
    )
    alertmanager: Alertmanager = Alertmanager()
    blackbox: Blackbox | None = None
    backend: Annotated[Backend | None, BeforeValidator(one_engine)] = Field(
        None,
        description="What a fleet scales with that outgrows one Prometheus.",
        json_schema_extra=also({"const": "prometheus-agent"}),
    )
    deploy: Deploy | None = Field(None, description="The stack itself: on Kubernetes, and on a laptop.")
    elasticsearch: Elasticsearch | None = None
    prometheus: Server | None = None
    logs: LogStack | None = Field(None, description="Index templates, lifecycle, snapshots, collectors.")
    operator: Operator | None = None
    tracing: Tracing | None = None
