"""What a user may write about running the stack itself: its parts on Kubernetes, who gets in, and what is backed up."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from llmmon.spec.model import Model, Name, as_list, shown
from llmmon.spec.server import Address, SecretName, Url

_CPU = re.compile(r"[1-9][0-9]*m|[1-9][0-9]{0,3}(\.[0-9]{1,3})?|0\.[0-9]{1,3}")
_MEMORY = re.compile(r"[1-9][0-9]*(Mi|Gi)")
_STORAGE = re.compile(r"[1-9][0-9]*(Gi|Ti)")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+")
_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_FOLDER = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_BUCKET = re.compile(r"[A-Za-z0-9_-]{1,64}:[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_WORDS = re.compile(r"[\w.:@/-]([\w .:@/-]{0,198}[\w.:@/-])?")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")

Web = Literal["grafana", "prometheus", "alertmanager", "jaeger"]


def _form(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not pattern.fullmatch(text) or not text.strip("0."):
            raise ValueError(f"{shown(value)} is no {what}")
        return text

    return BeforeValidator(check)


def _text(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.fullmatch(value) or ".." in value.split("/"):
            raise ValueError(f"{shown(value)} is no {what}")
        return value

    return BeforeValidator(check)


def _range(value: Any) -> Any:
    return {"min": value, "max": value} if isinstance(value, int) and not isinstance(value, bool) else value


def _labels(value: Any) -> Any:
    for key, text in value.items() if isinstance(value, dict) else ():
        if not _KEY.fullmatch(str(key)) or not isinstance(text, str) or not _VALUE.fullmatch(text):
            raise ValueError(f"{shown({key: text})} is no label of Kubernetes: write one such as {{istio: ingress}}")
    return value


def _compose(value: Any) -> Any:
    return {} if value is True else None if value is False else value


def _quantity(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "examples": list(examples)})


def _string(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples)})


Cpu = Annotated[
    str, _form(_CPU, "amount of CPU: write cores such as 2, or thousandths of one such as 500m"), _quantity("500m", "2")
]
Memory = Annotated[str, _text(_MEMORY, "amount of memory: write it like 512Mi or 8Gi"), _string("512Mi", "8Gi")]
Storage = Annotated[str, _text(_STORAGE, "size of a volume: write it like 100Gi"), _string("100Gi")]
Host = Annotated[str, _text(_HOST, "host name: write it like grafana.example.com"), _string("example.com")]
Labels = Annotated[
    dict[str, str],
    BeforeValidator(_labels),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
Words = Annotated[str, _text(_WORDS, "name: use letters, digits, spaces and . _ - : @ /, for Grafana reads ${...}")]
Port = Annotated[int, Field(ge=1, le=65_535)]
Count = Annotated[int, Field(ge=1, le=20)]


class Range(Model):
    """As many as the load asks for."""

    min: Count
    max: Count
    cpu: int = Field(70, ge=10, le=100, description="Percent of the CPU asked for above which there are more.")


Scaled = Annotated[
    Range,
    BeforeValidator(_range),
    WithJsonSchema(
        {
            "description": "How many, or {min: 2, max: 10, cpu: 70} for a HorizontalPodAutoscaler.",
            "anyOf": [{"type": "integer"}, Range.model_json_schema()],
        }
    ),
]


class DeployPrometheus(Model):
    """The Prometheus of each server that `prometheus:` makes a configuration for."""

    replicas: Count = 2
    cpu: Cpu = "1"
    memory: Memory = "4Gi"
    storage: Storage = "50Gi"


class DeployAlertmanager(Model):
    """Alertmanager; several are one cluster."""

    replicas: Count = 3
    cpu: Cpu = "100m"
    memory: Memory = "256Mi"
    storage: Storage = "2Gi"


class Database(Model):
    """PostgreSQL, which runs elsewhere."""

    host: Address
    name: Annotated[str, _text(_IDENTIFIER, "name of a database: use letters, digits, _ and -")] = "grafana"
    user: Annotated[str, _text(_IDENTIFIER, "name of a user: use letters, digits, _ and -")] = "grafana"
    password: SecretName
    tls: Literal["verify-full", "verify-ca", "require", "disable"] = "require"


class OAuth(Model):
    """Who logs people in to Grafana."""

    name: Words
    client: Words
    secret: SecretName
    authorize: Url
    token: Url
    userinfo: Url
    scopes: Words = "openid profile email"


class Reader(Model):
    """A user of Elasticsearch who may read."""

    user: str = Field(min_length=1, max_length=200)
    password: SecretName


class DeployGrafana(Model):
    """Grafana, with every dashboard and the datasources that the fleet has."""

    replicas: Count = 1
    cpu: Cpu = "250m"
    memory: Memory = "512Mi"
    storage: Storage = Field("5Gi", description="For its own database, where none is named.")
    admin: SecretName = Field(description="The password of its first administrator.")
    database: Database | None = None
    oauth: OAuth | None = None
    loki: Url | None = Field(None, description="Where Loki answers.")
    elasticsearch: Reader | None = Field(None, description="Who reads logs; where is what `elasticsearch:` says.")


class DeployCollector(Model):
    """The OpenTelemetry Collector."""

    replicas: Scaled = Range(min=2, max=2)
    cpu: Cpu = "500m"
    memory: Memory = "1Gi"


class DeployJaeger(DeployCollector):
    """Jaeger."""


class DeployLogstash(Model):
    """Logstash, with the pipelines of all services."""

    replicas: Count = 2
    cpu: Cpu = "1"
    memory: Memory = "2Gi"
    storage: Storage = Field("10Gi", description="For the queue of each.")
    namespace: Name | None = Field(None, description="Else that of Filebeat, or the stack's.")


class Gateway(Model):
    """The pods of Istio's gateway."""

    namespace: Name = "istio-system"
    selector: Labels = Field({"istio": "ingressgateway"}, min_length=1)


class Access(Model):
    """From outside, through Istio, over https: `grafana.DOMAIN` and so on."""

    domain: Host
    tls: Name = Field(description="The Secret with the certificate, in the gateway's namespace.")
    open: Annotated[tuple[Web, ...], BeforeValidator(as_list)] = Field(
        ("grafana",), description="What is reached from outside."
    )
    beside: dict[Name, Address] = Field(
        default_factory=dict, description="What runs elsewhere and logs people in itself: {kibana: kibana.logging:5601}"
    )
    login: Name | None = Field(
        None, description="The extension provider of Istio that asks who it is, such as oauth2-proxy."
    )
    gateway: Gateway = Gateway()


class Backup(Model):
    """One thing that is saved: prometheus, grafana, or a volume of yours."""

    every: Literal["1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "7d"] = "1d"
    at: Annotated[str, _text(_TIME, "time of day: write it like 02:30"), _string("02:30")] = "02:30"
    keep: int = Field(30, ge=1, le=3650, description="Days after which the store forgets it.")
    volume: Name | None = Field(None, description="The claim that holds it; not for prometheus and grafana.")
    namespace: Name | None = Field(None, description="Where that claim is.")
    user: int = Field(65_534, ge=1, le=2**31 - 1, description="Whose files they are, by number; root is nobody's.")
    folder: Annotated[str, _text(_FOLDER, "folder inside the volume: write it like data/backups")] | None = None


class Backups(Model):
    """Copies in an object store."""

    store: SecretName = Field(description="A file of rclone's that says where the store is and who may write.")
    to: Annotated[str, _text(_BUCKET, "place: write REMOTE:BUCKET, REMOTE as in that file"), _string("s3:backups")]
    of: dict[Name, Backup] = Field(min_length=1)


class Compose(Model):
    """A `docker-compose.yml` for a laptop; ports are those of this machine, on 127.0.0.1 only."""

    ports: dict[Name, Port] = Field(default_factory=dict)
    services: dict[Name, Port] = Field(
        default_factory=dict, description="Services that run on the laptop beside it, and the ports of their metrics."
    )


class Deploy(Model):
    """Which parts of the stack run on Kubernetes, and how. A part is there where its key is."""

    namespace: Name = "monitoring"
    storage_class: Name | None = None
    isolate: Literal["stack", "namespace", "off"] = Field(
        "stack", description="Whom NetworkPolicies shut off: the stack's pods, or every pod of its namespace."
    )
    mesh: Literal["off", "ambient"] = Field("off", description="ambient: Istio encrypts between the stack's pods.")
    prometheus: DeployPrometheus | None = None
    alertmanager: DeployAlertmanager | None = None
    grafana: DeployGrafana | None = None
    collector: DeployCollector | None = Field(None, description="The OpenTelemetry Collector.")
    jaeger: DeployJaeger | None = None
    logstash: DeployLogstash | None = None
    access: Access | None = None
    backups: Backups | None = None
    compose: Annotated[
        Compose | None,
        BeforeValidator(_compose),
        WithJsonSchema({"anyOf": [{"type": "boolean"}, Compose.model_json_schema()]}),
    ] = None
