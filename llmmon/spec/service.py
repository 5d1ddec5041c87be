"""What a user may write about a service, or a system of several."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.alerts import Alert
from llmmon.spec.budgets import Budget
from llmmon.spec.dashboards import Dashboard
from llmmon.spec.health import Health
from llmmon.spec.logs import Logs
from llmmon.spec.model import AlertName, Label, MetricName, Model, Name, Quantity, Role, as_list, shown
from llmmon.spec.outside import Outside
from llmmon.spec.process import Process
from llmmon.spec.server import Scrape
from llmmon.spec.signals import Signal
from llmmon.spec.slos import SLOs
from llmmon.spec.tracing import SamplingOrShare
from llmmon.spec.trends import Baseline, Trend
from llmmon.spec.uses import Uses


def _labels(value: Any) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return dict.fromkeys(value)
    if isinstance(value, dict):
        return {key: tuple(map(str, as_list(item))) for key, item in value.items()}
    raise ValueError(f"{shown(value)} are no labels: write [model, status], or {{status: [ok, error]}} with all values")


Labels = Annotated[
    dict[Label, tuple[str, ...] | None],
    BeforeValidator(_labels),
    WithJsonSchema(
        {
            "description": "Labels; as a map, each with all the values that it can have.",
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            ],
        }
    ),
]


class Metric(Model):
    """A metric that the service exposes."""

    type: Literal["counter", "gauge", "histogram", "summary"]
    unit: str | None = None
    labels: Labels = Field(default_factory=dict)
    buckets: tuple[Quantity, ...] = ()
    native: bool = Field(False, description="A native histogram, which has no buckets to declare.")
    help: str = Field(min_length=1)
    misnamed: bool = Field(False, description="Its name speaks of another type, and is not ours to mend.")

    @model_validator(mode="after")
    def _buckets(self) -> Metric:
        if self.type == "histogram" and not self.buckets and not self.native:
            raise ValueError("a histogram needs its buckets, such as [5ms, 10ms, 50ms, 100ms, 500ms, 1s]")
        if self.native and (self.type != "histogram" or self.buckets):
            raise ValueError("native: is for a histogram without buckets: they follow from its values")
        if self.type != "histogram" and self.buckets:
            raise ValueError(f"a {self.type} has no buckets")
        bounds = [bucket.value for bucket in self.buckets]
        if bounds != sorted(set(bounds)):
            falls = next(b.text for a, b in itertools.pairwise(self.buckets) if a.value >= b.value)
            raise ValueError(f"buckets must rise, and {falls} does not: write them in order, each once")
        return self


class Workload(Model):
    """What Kubernetes runs for this service."""

    kind: Literal["Deployment", "StatefulSet", "DaemonSet"] = "Deployment"
    namespace: Name
    name: Name
    container: Name | None = None


class Service(Model):
    """One service and what watches it."""

    team: str | None = None
    description: str = ""
    selector: dict[Label, str] = Field(default_factory=dict, description="Labels of the service's own series.")
    workload: Workload | None = None
    process: Process | None = Field(None, description="Where Kubernetes does not run it.")
    uses: Uses = Field(default_factory=dict)
    depends_on: tuple[Name, ...] = ()
    metrics: dict[MetricName, Metric] = Field(default_factory=dict)
    signals: dict[Role, Signal] = Field(default_factory=dict)
    slos: SLOs = Field(default_factory=dict)
    budgets: dict[Role, Budget] = Field(default_factory=dict)
    baselines: dict[Role, Baseline] = Field(default_factory=dict)
    trends: dict[Role, Trend] = Field(default_factory=dict)
    alerts: dict[AlertName, Alert] = Field(default_factory=dict)
    logs: Logs | None = None
    health: Health | None = None
    outside: Outside | None = Field(None, description="What the blackbox exporter asks.")
    scrape: Scrape | None = None
    tracing: SamplingOrShare | None = None
    dashboards: dict[Name, Dashboard] = Field(default_factory=dict)


class System(Model):
    """Several services in one file, with what they share."""

    system: Name
    team: str | None = None
    every: dict[Name, Service] = Field(
        default_factory=dict,
        description="By preset: what each service that uses it has in common; its own keys come over these.",
    )
    services: dict[Name, Service] = Field(min_length=1)


class SpecFile(Service):
    """A file with one service."""

    service: Name
