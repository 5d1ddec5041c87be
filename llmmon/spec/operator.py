"""What a user may write about the objects of the Prometheus operator: which kinds, their labels, what is scraped."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from llmmon.spec.model import Model, Name, PositiveDuration, as_list, shown

Kind = Literal[
    "ServiceMonitor",
    "PodMonitor",
    "PrometheusRule",
    "Probe",
    "AlertmanagerConfig",
    "Prometheus",
    "Alertmanager",
    "VMRule",
    "kube-prometheus-stack",
]

_KEY = r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
_PORT = r"(?=[0-9-]*[a-z])(?=.{1,15}$)[a-z0-9]+(-[a-z0-9]+)*"
_PLACEHOLDER = re.compile(r"\{(?:service|workload)\}")
_SECRET = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/[-A-Za-z0-9._]+\Z")
_SIZE = r"[0-9]+(\.[0-9]+)?(K|M|G|T|P)i?B"
_STORAGE = r"[1-9][0-9]*(K|M|G|T|P)i"


def _labels(value: Any) -> Any:
    for key, text in value.items() if isinstance(value, dict) else ():
        plain = _PLACEHOLDER.sub("x", text) if isinstance(text, str) else None
        if not re.fullmatch(_KEY, str(key)) or plain is None or not re.fullmatch(_VALUE, plain):
            raise ValueError(f"{shown({key: text})} is no label of Kubernetes: write one such as {{app: chat}}")
    return value


def _port(value: Any) -> Any:
    number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65_535
    if not number and not (isinstance(value, str) and re.fullmatch(_PORT, value)):
        raise ValueError(f"{shown(value)} is no port: write its name in the Service, such as metrics, or its number")
    return value


def _secret(value: Any) -> Any:
    """Never shows the value: it could be the secret itself."""
    if not isinstance(value, dict) or set(value) != {"secret"}:
        raise ValueError("a secret is never written into a spec: write a reference, {secret: name/key}")
    if not isinstance(value["secret"], str) or not _SECRET.match(value["secret"]):
        raise ValueError("this is no reference to a secret: write {secret: name/key}")
    return value["secret"]


def _form(pattern: str, what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"{shown(value)} is no {what}")
        return value

    return BeforeValidator(check)


Labels = Annotated[
    dict[str, str],
    BeforeValidator(_labels),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
Port = Annotated[int | str, BeforeValidator(_port), WithJsonSchema({"type": ["integer", "string"]})]
SecretName = Annotated[
    str,
    BeforeValidator(_secret),
    WithJsonSchema({"type": "object", "properties": {"secret": {"type": "string"}}, "additionalProperties": False}),
]
Path = Annotated[str, _form(r"/[^\s?#]*", "path: write one such as /metrics")]
Size = Annotated[str, _form(_SIZE, "size: write one such as 50GB")]
Storage = Annotated[str, _form(_STORAGE, "quantity of storage: write one such as 100Gi")]


class OperatorScrape(Model):
    """How metrics are asked for."""

    port: Port = Field("metrics", description="Its name in the Service (of the container for a PodMonitor), or number.")
    path: Path = "/metrics"
    scheme: Literal["http", "https"] = "http"
    interval: PositiveDuration | None = Field(None, description="Else the fleet's scrape_interval.")
    timeout: PositiveDuration | None = None
    selector: Labels = Field(
        {"app.kubernetes.io/name": "{workload}"},
        min_length=1,
        description="Labels of the Service, or of the pods; {workload} and {service} stand for names.",
    )
    bearer: SecretName | None = Field(None, description="A token, in a Secret of the operator objects' namespace.")


class OperatorService(OperatorScrape):
    """The same for one service; what is not said here is as above."""


class OperatorPrometheus(Model):
    """The Prometheus object."""

    replicas: int = Field(2, ge=1, le=100)
    retention: PositiveDuration | None = None
    size: Size | None = Field(None, description="Retention by size, such as 50GB.")
    storage: Storage | None = Field(None, description="A volume for each replica, such as 100Gi.")
    service_account: Name = Field("prometheus", description="Its role is yours to bind.")


class OperatorAlertmanager(Model):
    """The Alertmanager object."""

    replicas: int = Field(3, ge=1, le=100)
    storage: Storage | None = Field(None, description="A volume for each replica, such as 1Gi.")
    secret: Name | None = Field(None, description="The Secret that holds alertmanager.yaml; else FLEET-alertmanager.")


class Operator(Model):
    """Objects of the Prometheus operator; none of them is made unless `kinds` asks for it."""

    kinds: Annotated[tuple[Kind, ...], BeforeValidator(as_list)] = ()
    namespace: Name = Field("monitoring", description="Where the objects live.")
    labels: Labels = Field(
        default_factory=dict, description="On each object, so that Prometheus selects it: {release: ...}."
    )
    scrape: OperatorScrape = OperatorScrape()
    services: dict[Name, OperatorService] = Field(default_factory=dict)
    prometheus: OperatorPrometheus = OperatorPrometheus()
    alertmanager: OperatorAlertmanager = OperatorAlertmanager()
