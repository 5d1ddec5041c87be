"""What a user may write about Prometheus itself: what it scrapes, whom it tells, how long it keeps, where it sends."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.health import Path, Port
from llmmon.spec.model import Label, Model, Name, PositiveDuration, Quantity, as_list, shown

_SECRET = re.compile(r"[a-z0-9][-a-z0-9.]*/[-A-Za-z0-9._]+\Z")  # as everywhere: a Kubernetes Secret and its key
_ADDRESS = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9._]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?\Z")
_FILE = re.compile(r"[^*\s]*(?:\*[^/\s]*)?\.(?:json|ya?ml)\Z")  # what Prometheus takes for file discovery
_URL = re.compile(r"https?://(?P<host>[^\s/?#]+)(?:[/?][^\s#]*)?\Z")
_LABEL_KEY = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")
_LABEL_TEXT = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z")


def _secret(value: Any) -> Any:
    """Never shows the value: it could be the secret itself."""
    if not isinstance(value, dict) or set(value) != {"secret"} or not isinstance(value["secret"], str):
        raise ValueError("a secret is never written into a spec: write a reference, {secret: name/key}")
    if not _SECRET.match(value["secret"]):
        raise ValueError("this is no reference to a secret: write {secret: name/key}")
    return value["secret"]


def _address(value: Any) -> Any:
    found = _ADDRESS.match(value) if isinstance(value, str) else None
    if not found or (found["port"] and not 1 <= int(found["port"]) <= 65_535):
        raise ValueError(f"{shown(value)} is no address: write host:port, such as node-1.example:9100")
    return value


def _file(value: Any) -> Any:
    if not isinstance(value, str) or not _FILE.match(value):
        raise ValueError(f"{shown(value)} is no file of targets: write a .yaml or .json, such as targets/chat-*.yaml")
    return value


def _url(value: Any) -> Any:
    found = _URL.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{shown(value)} is no URL: write https://host/path")
    if "@" in found["host"]:
        raise ValueError("a password is never written into a URL: write basic: {user: NAME, password: {secret: ...}}")
    return value


def _pod_labels(value: Any) -> Any:
    for key, text in value.items() if isinstance(value, dict) else ():
        if not _LABEL_KEY.match(str(key)) or not isinstance(text, str) or not is_pod_label(text):
            raise ValueError(f"{shown({key: text})} is no label of Kubernetes: write one such as {{app: chat}}")
    return value


def is_pod_label(text: str) -> bool:
    """Whether Kubernetes takes a text for the value of a label."""
    return bool(_LABEL_TEXT.match(text))


def _by_environment(value: Any) -> Any:
    """A list for the only environment, or a map from environments to lists."""
    if isinstance(value, dict):
        return {key: tuple(as_list(item)) for key, item in value.items()}
    return {"": tuple(as_list(value))}


def _schema(what: str) -> WithJsonSchema:
    many: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    each = {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, many]}}
    return WithJsonSchema({"description": what, "anyOf": [{"type": "string"}, many, each]})


SecretName = Annotated[
    str,
    BeforeValidator(_secret),
    WithJsonSchema({"type": "object", "properties": {"secret": {"type": "string"}}, "additionalProperties": False}),
]
Address = Annotated[str, BeforeValidator(_address)]
Url = Annotated[str, BeforeValidator(_url)]
Addresses = Annotated[
    dict[str, tuple[Address, ...]],
    BeforeValidator(_by_environment),
    _schema("Targets as host:port; with several environments a map from each to its own."),
]
Files = Annotated[
    dict[str, tuple[Annotated[str, BeforeValidator(_file)], ...]],
    BeforeValidator(_by_environment),
    _schema("Files of targets, relative to the configuration; with several environments a map from each to its own."),
]
PodLabels = Annotated[
    dict[str, str],
    BeforeValidator(_pod_labels),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]


class Basic(Model):
    """A user, and the password by reference."""

    user: str = Field(min_length=1)
    password: SecretName


class Tls(Model):
    """How the other side proves who it is, and how we do."""

    ca: str | None = Field(None, description="Path of the certificate authority's file.")
    cert: SecretName | None = None
    key: SecretName | None = None
    name: str | None = Field(None, description="The name in the certificate, where it is not the host's.")
    insecure: bool = Field(False, description="Takes any certificate; for kubelets that sign their own.")

    @model_validator(mode="after")
    def _pair(self) -> Tls:
        if (self.cert is None) != (self.key is None):
            raise ValueError("a client certificate needs its key: write both cert: and key:")
        return self


class Access(Model):
    """What a request needs to be let in; secrets by reference only."""

    bearer: SecretName | None = None
    basic: Basic | None = None
    tls: Tls | None = None

    @model_validator(mode="after")
    def _one(self) -> Access:
        if self.bearer is not None and self.basic is not None:
            raise ValueError("a request has one Authorization header: write bearer: or basic:, not both")
        return self


class Asked(Access):
    """What is asked for metrics, and how."""

    targets: Addresses = Field(default_factory=dict)
    files: Files = Field(default_factory=dict)
    path: Path = "/metrics"
    scheme: Literal["http", "https"] | None = None
    interval: PositiveDuration | None = Field(None, description="Instead of the fleet's.")
    timeout: PositiveDuration | None = None
    honor_labels: bool = Field(False, description="Labels that the target writes win over ours.")

    @model_validator(mode="after")
    def _source(self) -> Asked:
        if self.targets and self.files:
            raise ValueError("these are two sources of targets: write targets: or files:")
        return self


class Scrape(Asked):
    """How a service is scraped. Without targets or files its pods are, by the workload's namespace and label."""

    port: Port | None = Field(None, description="Of the pods: a number or a name. Else that of health.")
    pods: PodLabels = Field(default_factory=dict, description="Labels of the pods, instead of {app: NAME}.")
    off: str | None = Field(None, min_length=1, description="Why nobody scrapes it here.")


class Pods(Model):
    """Which pods."""

    namespace: Name
    labels: PodLabels = Field(min_length=1)
    port: Port | None = None


class Job(Asked):
    """Something beside the services: node exporters, kube-state-metrics, cAdvisor."""

    pods: Pods | None = None
    nodes: bool = Field(False, description="The kubelet of every node; cAdvisor with path: /metrics/cadvisor.")

    @model_validator(mode="after")
    def _one_source(self) -> Job:
        said = [name for name in ("targets", "files", "pods", "nodes") if getattr(self, name)]
        if len(said) != 1:
            raise ValueError("a job has one source of targets: write targets:, files:, pods: or nodes: true")
        return self


class Cluster(Access):
    """Another Kubernetes cluster, where an environment runs."""

    api: Url


class Alertmanagers(Access):
    """Who is told of alerts."""

    targets: tuple[Address, ...] = Field(min_length=1)
    scheme: Literal["http", "https"] = "http"
    path_prefix: Path | None = None


def _alertmanagers(value: Any) -> Any:
    return value if isinstance(value, dict) else {"targets": as_list(value)}


class Retention(Model):
    """How long samples stay: the earlier of both."""

    time: PositiveDuration | None = None
    size: Quantity | None = Field(None, description="Bytes on the disk, such as 100GB.")


class Write(Access):
    """Where samples are sent."""

    url: Url
    name: Name | None = None
    only: Literal["all", "recorded"] = Field("all", description="recorded: our recording rules and ALERTS.")


class Read(Access):
    """Where older samples are."""

    url: Url
    name: Name | None = None
    recent: bool = Field(False, description="Asks for what is stored here as well.")


class Federate(Access):
    """Other Prometheus servers, of which the recorded series are read."""

    targets: tuple[Address, ...] = Field(min_length=1)
    scheme: Literal["http", "https"] = "http"
    interval: PositiveDuration | None = None


class Server(Model):
    """The Prometheus servers. Without this section no configuration is written."""

    external_labels: dict[Label, str] = Field(default_factory=dict)
    replicas: int = Field(1, ge=1, le=100, strict=True, description="Servers that do the same, told apart by a label.")
    timeout: PositiveDuration | None = Field(None, description="Of a scrape; else 10s, or the interval if shorter.")
    retention: Retention = Retention()
    alertmanagers: Annotated[
        Alertmanagers,
        BeforeValidator(_alertmanagers),
        WithJsonSchema(
            {
                "description": "host:port of each, or a map {targets: [...], scheme: https, bearer: ...}.",
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                    {"type": "object", "required": ["targets"]},
                ],
            }
        ),
    ] = Alertmanagers(targets=("alertmanager:9093",))
    pod_label: str = Field("app", pattern=_LABEL_KEY.pattern.replace(r"\Z", "$"), description="Names the workload.")
    clusters: dict[Name, Cluster] = Field(
        default_factory=dict, description="By environment, where it runs in another cluster than Prometheus."
    )
    jobs: dict[Name, Job] = Field(default_factory=dict)
    remote_write: tuple[Write, ...] = ()
    remote_read: tuple[Read, ...] = ()
    federate: Federate | None = None
