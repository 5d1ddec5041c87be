"""What a user may write about traces: which are kept, where they are collected, and for how long."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon import unit
from llmmon.plan.tracing import MOST_PER_SECOND
from llmmon.spec.model import Model, Name, PositiveDuration, shown

_RELEASE = re.compile(r"[0-9]+(\.[0-9]+){1,2}\Z")
_ENDPOINT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}\Z")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z")
URL = re.compile(r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/?\Z")
_PATH = re.compile(r"/[A-Za-z0-9._/-]+\Z")
_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,60}[a-z0-9])?\Z")


def _release(value: Any) -> str:
    if isinstance(value, float):
        raise ValueError(f'{value} is a number, so 2.20 would become 2.2: write "{value}" in quotes')
    if not isinstance(value, str) or not _RELEASE.match(value):
        raise ValueError(f'{shown(value)} is no version: write it like "0.155"')
    return value


def _sampled(value: Any) -> unit.Quantity:
    if isinstance(value, unit.Quantity):
        return value
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    advice = "write a share such as 1%, or traces per second such as 5/s"
    try:
        parsed = unit.parse(text) if isinstance(text, str) else None
    except ArithmeticError:
        parsed = None
    if parsed is None or parsed.dimension not in ("ratio", "rate"):
        raise ValueError(f"{shown(value)} says not how much is sampled: {advice}")
    if parsed.dimension == "ratio" and not 0 <= parsed.value <= 1:
        raise ValueError(f"{shown(value)} is no share: write one from 0% to 100%")
    if parsed.dimension == "rate" and (parsed.value % 1 or not 1 <= parsed.value <= MOST_PER_SECOND):
        raise ValueError(f"{shown(value)} is no rate that Jaeger knows: write a whole number such as 5/s")
    return parsed


def _text(pattern: re.Pattern[str], advice: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.match(value):
            raise ValueError(f"{shown(value)} is no {advice}")
        return value

    return BeforeValidator(check)


def _secret(value: Any) -> Any:
    # The value is not shown: it may be the secret itself.
    if not isinstance(value, dict) or set(value) != {"secret"} or not isinstance(value["secret"], str):
        raise ValueError("a secret is never written into a spec: write a reference, {secret: name/key}")
    return value


def _tls(value: Any) -> Any:
    return {True: "server", False: "off"}.get(value, value) if isinstance(value, bool) else value


def _shorthand(value: Any) -> Any:
    return value if isinstance(value, dict | Sampling) else {"sampling": value}


def _string(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples)})


Release = Annotated[
    str, BeforeValidator(_release), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+){1,2}$"})
]
Sampled = Annotated[unit.Quantity, BeforeValidator(_sampled), _string("1%", "100%", "5/s")]
SecretReference = Annotated[
    dict[Literal["secret"], str],
    BeforeValidator(_secret),
    WithJsonSchema({"type": "object", "properties": {"secret": {"type": "string"}}, "additionalProperties": False}),
]
Endpoint = Annotated[str, _text(_ENDPOINT, "address: write host:port"), _string("jaeger-collector.monitoring:4317")]
Host = Annotated[str, _text(_HOST, "host name"), _string("otel-sampler-headless.monitoring")]
Url = Annotated[str, _text(URL, "URL: write it like https://elasticsearch:9200"), _string("https://elasticsearch:9200")]
FilePath = Annotated[str, _text(_PATH, "absolute path"), _string("/etc/jaeger/elasticsearch/ca.crt")]
Prefix = Annotated[str, _text(_PREFIX, "index prefix: use a-z, 0-9, _ and -"), _string("production")]
Operation = Annotated[str, Field(min_length=1, max_length=256)]


class Sampling(Model):
    """How much of a service's traces is kept; a share alone is short for {sampling: 10%}."""

    sampling: Sampled | None = None
    name: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="The service.name in its spans, where it is not the service's own name."
    )
    operations: dict[Operation, Sampled] = Field(
        default_factory=dict, description="Shares for some of its operations, such as {GET /health: 0%}."
    )


SamplingOrShare = Annotated[
    Sampling,
    BeforeValidator(_shorthand),
    WithJsonSchema(
        {
            "description": "A share such as 10%, traces per second such as 5/s, or a map that says more.",
            "anyOf": [{"type": "string"}, Sampling.model_json_schema()],
        }
    ),
]


class Keep(Model):
    """What tail sampling keeps whatever the share says."""

    errors: bool = True
    slower_than: PositiveDuration | None = None


class Storage(Model):
    """Elasticsearch, where Jaeger keeps spans; what is not said is the fleet's."""

    hosts: tuple[Url, ...] = ()
    user: str | None = Field(None, min_length=1)
    password: SecretReference | None = None
    ca: FilePath | None = Field(None, description="A file in Jaeger's container.")
    prefix: Prefix | None = Field(None, description="What the names of its indices begin with.")

    @model_validator(mode="after")
    def _whole(self) -> Storage:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: {user: jaeger, password: {secret: name/key}}")
        return self


class Tracing(Model):
    """Traces: an OpenTelemetry Collector takes them in, Jaeger 2 keeps and shows them."""

    collector: Release = Field("0.155", description="The version of OpenTelemetry Collector (contrib).")
    jaeger: Release = Field("2.20", description="The version of Jaeger; Jaeger 1 is past its end.")
    sampling: Sampled = Field("1%", validate_default=True, description="Of services that say nothing else.")
    services: dict[Name, Sampled] = Field(
        default_factory=dict, description="Of single services; their own specs may say it too."
    )
    at: Literal["head", "tail"] = Field(
        "head", description="head: in the SDKs, when a trace starts. tail: in the collector, when it has ended."
    )
    adaptive: bool = Field(False, description="Jaeger changes the shares; `sampling` is where it starts.")
    keep: Keep | None = Field(None, description="With `at: tail`; errors by default.")
    wait: PositiveDuration = Field("30s", validate_default=True, description="For a trace to end, with `at: tail`.")
    replicas: int = Field(1, ge=1, le=1000, strict=True, description="Of the collector.")
    samplers: Host | None = Field(
        None, description="The headless service of the sampling tier, with `at: tail` and more than one replica."
    )
    endpoint: Endpoint | None = Field(
        None, description="Where Jaeger takes traces in; jaeger-collector:4317, and 4318 for http."
    )
    protocol: Literal["grpc", "http"] = "grpc"
    tls: Annotated[Literal["off", "server", "mutual"], BeforeValidator(_tls)] = Field(
        "server", description="true, false, or mutual, which asks senders for a certificate too."
    )
    retention: PositiveDuration = Field("7d", validate_default=True, description="Whole days.")
    storage: Storage = Storage()
