"""The objects of the Prometheus operator that a fleet asks for, and what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.fleet import Secret
    from llmmon.plan.health import Port
    from llmmon.problem import Origin


@frozen
class Scrape:
    """How the metrics of a service are asked for. In `selector`, `{workload}` and `{service}` stand for names."""

    port: Port
    path: str
    scheme: str
    interval: timedelta
    timeout: timedelta | None
    selector: Mapping[str, str]
    bearer: Secret | None
    origin: Origin


@frozen
class PrometheusObject:
    """The operator's Prometheus; sizes as Kubernetes and Prometheus write them."""

    replicas: int
    retention: timedelta | None
    size: str | None
    storage: str | None
    service_account: str


@frozen
class AlertmanagerObject:
    """The operator's Alertmanager, and the Secret that holds the generated file."""

    replicas: int
    storage: str | None
    secret: str


@frozen
class Operator:
    """Which kinds, where they live, and the labels by which a Prometheus selects them."""

    kinds: frozenset[str]
    namespace: str
    labels: Mapping[str, str]
    scrape: Scrape
    services: Mapping[str, Scrape]
    prometheus: PrometheusObject
    alertmanager: AlertmanagerObject
    origin: Origin
    origins: Mapping[str, Origin] = field(default_factory=dict)  # of each kind

    def of(self, service: str) -> Scrape:
        """How this service is scraped."""
        return self.services.get(service, self.scrape)
