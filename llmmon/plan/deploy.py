"""The stack itself on Kubernetes: its parts with their sizes, who gets in from outside, and what is backed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.fleet import Secret
    from llmmon.problem import Origin

# What is not of a version that the fleet names
BLACKBOX = "prom/blackbox-exporter:v0.25.0"
PUSHGATEWAY = "prom/pushgateway:v1.11.0"
SIDECAR = "kiwigrid/k8s-sidecar:1.30.0"
RCLONE = "rclone/rclone:1.69.0"
POSTGRES = "postgres:17.2-alpine"

FRESH = "backup_last_success_timestamp_seconds"  # what a backup pushes when it has ended well, by `target`
PUSHED = "backup"  # the job that it is pushed as


@frozen
class Part:
    """One workload. `most` is more than `replicas` where an autoscaler decides, above `busy` percent of its CPU."""

    name: str  # of the workload, its account and its Service
    namespace: str
    image: str
    replicas: int
    most: int
    busy: int
    cpu: str
    memory: str
    storage: str | None
    origin: Origin


@frozen
class Database:
    """Grafana's PostgreSQL."""

    host: str
    port: int
    name: str
    user: str
    password: Secret
    tls: str


@frozen
class OAuth:
    """Who logs people in to Grafana."""

    name: str
    client: str
    secret: Secret
    authorize: str
    token: str
    userinfo: str
    scopes: str


@frozen
class Grafana:
    """What Grafana is told beside its dashboards."""

    admin: Secret
    database: Database | None
    oauth: OAuth | None
    loki: str | None
    reader: tuple[str, Secret] | None  # who reads Elasticsearch


@frozen
class Door:
    """One host that is reached from outside, and the Service behind it."""

    name: str
    host: str
    service: str
    namespace: str
    port: int
    guarded: bool  # somebody has to log in at the gateway, because the tool behind does not ask


@frozen
class Access:
    """The way in, through Istio's gateway."""

    doors: tuple[Door, ...]
    tls: str
    login: str | None
    namespace: str
    selector: Mapping[str, str]
    origin: Origin


@frozen
class Backup:
    """One thing that is saved; `schedule` is a cron in UTC."""

    name: str
    kind: Literal["prometheus", "grafana", "volume"]
    schedule: str
    every: timedelta
    keep: int  # days
    namespace: str
    volume: str | None
    folder: str | None
    user: int
    origin: Origin


@frozen
class Lines:
    """What Logstash needs for its pipelines: where it listens, and which secrets they name."""

    ports: tuple[int, ...]
    brokers: tuple[str, ...]  # of Kafka
    kafka: Literal["off", "server", "mutual"]
    hashes: bool


@frozen
class Seen:
    """One service on a laptop: where its metrics are, and the labels by which its rules know them."""

    service: str
    target: str
    path: str
    labels: Mapping[str, str]


@frozen
class Laptop:
    """What `docker-compose.yml` starts: ports of this machine by part, and what is scraped in this environment."""

    ports: Mapping[str, int]
    environment: str
    seen: tuple[Seen, ...]


@frozen
class Deploy:
    """All of it. `parts` by their key in the spec; `store` is the Secret with rclone's file, `to` the place in it."""

    fleet: str
    namespace: str
    label: str  # of pods, by which Prometheus finds them
    storage_class: str | None
    isolate: Literal["stack", "namespace", "off"]
    ambient: bool  # whether Istio's ambient mesh encrypts between the pods
    parts: Mapping[str, Part]
    grafana: Grafana | None
    lines: Lines | None
    access: Access | None
    backups: tuple[Backup, ...]
    store: Secret | None
    to: str
    laptop: Laptop | None
    origin: Origin

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Where the stack's parts are."""
        return tuple(sorted({self.namespace, *(part.namespace for part in self.parts.values())}))

    def host(self, name: str) -> str | None:
        """The host of a part that is reached from outside."""
        doors = self.access.doors if self.access else ()
        return next((door.host for door in doors if door.name == name), None)

    def saves(self, kind: str) -> tuple[Backup, ...]:
        """The backups of a kind."""
        return tuple(backup for backup in self.backups if backup.kind == kind)
