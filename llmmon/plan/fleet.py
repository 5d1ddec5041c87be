"""The fleet: environments, teams, who is told what and when, and which versions read the artifacts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.plan.backend import Backend
    from llmmon.plan.deploy import Deploy
    from llmmon.plan.logstack import LogStack
    from llmmon.plan.operator import Operator
    from llmmon.plan.outside import Blackbox
    from llmmon.plan.server import Servers
    from llmmon.plan.tracing import Tracing
    from llmmon.plan.watched import Watched
    from llmmon.problem import Origin

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
CATEGORIES = (
    "availability",
    "errors",
    "latency",
    "saturation",
    "capacity",
    "cost",
    "security",
    "quality",
    "change",
    "meta",
)
RESERVED = ("alertname", "severity", "category", "service", "team", "environment", "namespace", "slo", "window")
Version = tuple[int, ...]


@frozen
class Secret:
    """A reference to a secret, never its value: a mounted file `name/key`, or a key of a Kubernetes Secret."""

    name: str
    key: str


@frozen
class Environment:
    """Where a service runs; `selector` picks its series on a shared Prometheus, empty where it has its own.

    With `marked` it has its own as well, which writes these labels onto everything for the engine that holds all.
    """

    name: str
    selector: Mapping[str, str]
    demote: Mapping[Severity, Severity]
    marked: bool = False

    @property
    def own(self) -> bool:
        """Whether it has a Prometheus of its own."""
        return self.marked or not self.selector


@frozen
class Receiver:
    """One way to tell somebody: `kind` as the spec writes it (slack, pagerduty, ...), options as checked."""

    kind: str
    options: Mapping[str, str | bool | Secret]
    origin: Origin


@frozen
class Span:
    """Minutes of a day, start included, end excluded, on some weekdays (0 is Monday); never across midnight."""

    weekdays: tuple[int, ...]
    start: int
    end: int


@frozen
class Interval:
    """A named time interval in a time zone; a range across midnight has been split into two spans."""

    text: str  # as the spec writes it
    spans: tuple[Span, ...]
    location: str
    origin: Origin


@frozen
class Team:
    """Who answers. A severity without receivers goes to the catch-all."""

    name: str
    receivers: Mapping[Severity, tuple[Receiver, ...]]
    active: Mapping[Severity, Interval]  # notifies only then
    quiet: Mapping[Severity, Interval]  # muted then
    origin: Origin


@frozen
class Copy:
    """Alerts with these static labels go to a further team as well."""

    when: Mapping[str, str]
    to: str
    origin: Origin


@frozen
class Response:
    """How soon somebody acknowledges an alert, and how soon it is resolved or somebody else is called."""

    acknowledge: timedelta
    resolve: timedelta


RESPONSES: Mapping[Severity, Response | None] = {  # None is best effort
    "critical": Response(timedelta(minutes=5), timedelta(minutes=30)),
    "warning": Response(timedelta(minutes=30), timedelta(hours=2)),
    "info": None,
}


@frozen
class Fleet:
    """All of it."""

    name: str
    versions: Mapping[str, Version]  # prometheus, alertmanager, grafana, kubernetes, logstash
    scrape_interval: timedelta
    runbooks: str  # URL with {service} and {alert}
    dashboards: str  # URL with {uid}
    severities: Mapping[Severity, str]
    environments: tuple[Environment, ...]
    teams: Mapping[str, Team]
    copies: tuple[Copy, ...]
    catch_all: tuple[Receiver, ...]
    watchdog: tuple[Receiver, ...]
    defaults: Mapping[str, Mapping[str, str | bool | Secret]]  # by receiver kind: smtp host, slack URL, ...
    elasticsearch: Mapping[str, str | bool | Secret | tuple[str, ...]]
    origin: Origin
    base: str | None = None  # the user's own Alertmanager configuration, as text
    base_origin: Origin | None = None
    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> what it depends on
    pipelines: tuple[str, ...] = ()  # the services that have a log pipeline
    backend: Backend | None = None  # what it scales with, where one Prometheus is not enough
    deploy: Deploy | None = None  # the stack itself, where llmmon writes what runs it
    servers: Servers | None = None  # the Prometheus servers, where llmmon writes their configuration
    logs: LogStack | None = None
    operator: Operator | None = None  # the objects of the Prometheus operator that are asked for
    tracing: Tracing | None = None
    blackbox: Blackbox | None = None  # what is asked from outside
    response: Mapping[Severity, Response | None] = field(default_factory=lambda: dict(RESPONSES))
    watched: tuple[Watched, ...] = ()  # every service that was asked for, by name
    queries: str = ""  # URL with {expr}; empty where no page can link to a query
