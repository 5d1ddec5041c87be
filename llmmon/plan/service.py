"""One service with everything that watches it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from llmmon.plan.dashboards import Dashboard
    from llmmon.plan.health import Health
    from llmmon.plan.logs import Pipeline
    from llmmon.plan.rules import Rules
    from llmmon.plan.tracing import Sampling
    from llmmon.problem import Origin
    from llmmon.source.document import Document

MetricType = Literal["counter", "gauge", "histogram", "summary"]
Scope = Literal["service", "container", "pod", "workload", "volume", "node", "probe", "fleet"]


@frozen
class Metric:
    """A metric that exists. `labels` maps each label to its closed set of values, or to None where it is open."""

    name: str
    type: MetricType
    unit: str | None
    labels: Mapping[str, frozenset[str] | None]
    buckets: tuple[Decimal, ...]
    help: str
    scope: Scope  # whose selector picks its series
    native: bool = False  # a histogram without buckets of its own


@frozen
class Workload:
    """What Kubernetes runs."""

    kind: str  # Deployment, StatefulSet, DaemonSet
    namespace: str
    name: str
    container: str


@frozen
class Process:
    """What runs a service without Kubernetes: a service of docker compose, or a unit of systemd."""

    kind: Literal["compose", "systemd"]
    name: str


@frozen
class Service:
    """One service, lowered; `rules` has one entry per environment, in the fleet's order."""

    name: str
    system: str | None
    team: str
    description: str
    spec: str  # path of the spec that made it
    workload: Workload | None
    depends_on: tuple[str, ...]
    metrics: Mapping[str, Metric]
    rules: tuple[Rules, ...]
    dashboards: tuple[Dashboard, ...]
    health: Health | None
    logs: Pipeline | None
    prose: Mapping[str, Document]  # alert name -> the runbook's own words
    origin: Origin
    tracing: Sampling | None = None
    selector: Mapping[str, str] = field(default_factory=dict)  # labels of its own series
    given: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)  # alert name -> what presets say of it
    process: Process | None = None  # where there is no workload
    figures: Mapping[str, str] = field(default_factory=dict)  # numbers of the spec that prose may name
    aliases: Mapping[str, str] = field(default_factory=dict)  # the fleet's names, by those of the catalogues
    dotted: Mapping[str, str] = field(default_factory=dict)  # the fleet's labels, where they keep dots


@frozen
class Facts:
    """What routing, inhibition and the catalogue need to know of an alert; kept for all of them, so it is small."""

    id: str
    labels: Mapping[str, str]  # static, `alertname` included
    carries: frozenset[str]
    origin: Origin
    condition: str = ""  # when it fires, in words that are Markdown
    hold: timedelta = timedelta(0)
