"""The log stack: how indices are kept, what collects lines, and what is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.fleet import Severity
    from llmmon.problem import Origin

APP = "app"  # the prefix of all indices of applications
ISTIO = "istio-access"


@frozen
class Snapshots:
    """Snapshots in S3; `schedule` is a Quartz cron, in UTC."""

    bucket: str
    repository: str
    schedule: str
    keep: timedelta
    at_least: int
    at_most: int
    origin: Origin


@frozen
class Filebeat:
    """The collector on each node; all servers have the same port."""

    servers: tuple[str, ...]
    port: int
    namespace: str
    ca: str
    istio: bool
    pipeline: str | None  # the service that receives; None where we make a pipeline for it
    origin: Origin


@frozen
class LogStack:
    """All of it. An index holds one day, so ages are counted from the start of that day: one day is in them."""

    name: str  # of the lifecycle policy and of the component template
    shards: int
    replicas: int
    warm: timedelta | None
    cold: timedelta | None
    delete: timedelta | None
    snapshots: Snapshots | None
    filebeat: Filebeat | None
    kibana: bool
    loki: bool
    origin: Origin

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Of the indices that are the fleet's."""
        return (APP, ISTIO) if self.filebeat and self.filebeat.istio else (APP,)


@frozen
class Match:
    """A field has a value. `raw` is what the line holds before Logstash has made it one of five levels."""

    field: str
    value: str
    raw_field: str
    raw: tuple[str, ...]  # any of these, in any case; empty where it is exactly `value`


@frozen
class Search:
    """A question; `made` says whether it names a field that only Logstash makes, which Loki's lines do not have."""

    name: str
    help: str
    within: timedelta
    where: tuple[Match, ...]
    having: tuple[str, ...]
    by: str | None
    sum: str | None
    made: bool
    origin: Origin


@frozen
class LogAlert:
    """More than `above` lines within a window; `severity` before an environment demotes it."""

    name: str
    where: tuple[Match, ...]
    having: tuple[str, ...]
    by: str | None
    above: int
    within: timedelta
    hold: timedelta
    severity: Severity
    category: str
    summary: str
    origin: Origin


@frozen
class Analysis:
    """What is asked of a service's logs; `streams` are Loki's labels, empty where the workload has them."""

    streams: Mapping[str, str]
    queries: tuple[Search, ...]
    alerts: tuple[LogAlert, ...]
