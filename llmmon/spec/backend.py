"""What a user may write about the engine that a fleet scales with: Thanos, Mimir, or agents that only send."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.model import Model, PositiveDuration, as_list, shown
from llmmon.spec.server import Access, Address, SecretName, Url

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINES = ("thanos", "mimir", "prometheus-agent")
_TENANT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,150}\Z")  # of what Mimir takes, what a folder is called as well
_ITS_OWN = "__mimir_cluster"


def _tenant(value: Any) -> Any:
    if not isinstance(value, str) or not _TENANT.match(value) or value == _ITS_OWN:
        raise ValueError(f"{shown(value)} is no tenant: use letters, digits, _, - and ., at most 150")
    return value


def _url(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


def also(short: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """A shorthand that stands beside the map in the schema."""

    def add(schema: dict[str, Any]) -> None:
        schema["anyOf"].insert(0, short)

    return add


Tenant = Annotated[
    str, BeforeValidator(_tenant), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,150}$"})
]


class Wal(Model):
    """How long an agent keeps what it could not send."""

    least: PositiveDuration | None = Field(None, description="Else Prometheus's own 5m.")
    most: PositiveDuration | None = Field(None, description="Else Prometheus's own 4h.")

    @model_validator(mode="after")
    def _order(self) -> Wal:
        if self.least and self.most and self.least > self.most:
            raise ValueError("least is longer than most: exchange them")
        return self


class Agent(Model):
    """Prometheus as an agent: it scrapes and sends, and evaluates nothing."""

    receiver: Literal["prometheus", "elsewhere"] = Field(
        "prometheus", description="Who evaluates the rules where remote_write goes to."
    )
    wal: Wal = Wal()


class Limits(Model):
    """What Mimir's ruler allows a tenant; 0 for everything."""

    groups: int = Field(70, ge=0, strict=True, description="ruler_max_rule_groups_per_tenant")
    rules: int = Field(20, ge=0, strict=True, description="ruler_max_rules_per_rule_group")


class Mimir(Access):
    """Grafana Mimir: every Prometheus sends to it, and its ruler evaluates."""

    url: Url = Field(description="Its gateway, without a path: https://mimir.example")
    tenant: Tenant | None = Field(None, description="One for everything; else the fleet's name.")
    tenants: Literal["environment", "team"] | None = Field(None, description="One for each of these.")
    federated: bool = Field(False, description="Mimir lets rules and queries read several tenants.")
    alertmanager: bool = Field(False, description="Mimir's own is told, instead of those of prometheus:.")
    agent: bool = Field(False, description="Each Prometheus runs as an agent.")
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _one_way(self) -> Mimir:
        if self.tenant and self.tenants:
            raise ValueError("these are two ways to name tenants: write tenant: or tenants:")
        return self


class Receive(Access):
    """Thanos Receive."""

    url: Url = Field(description="Of its remote write, such as http://thanos-receive:19291/api/v1/receive")
    tenant: Tenant | None = None


class Thanos(Model):
    """Thanos: each Prometheus evaluates what it has the samples for, and rulers the rest."""

    storage: SecretName = Field(description="The Secret that holds objstore.yml: {secret: thanos/objstore.yml}.")
    receive: Annotated[Receive | None, BeforeValidator(_url)] = Field(
        None,
        description="Where samples are sent to; without it a sidecar stands beside each Prometheus.",
        json_schema_extra=also({"type": "string"}),
    )
    query: Annotated[tuple[Address, ...], BeforeValidator(as_list)] = Field(
        ("thanos-query:9090",), min_length=1, description="host:port of the queriers that the rulers ask."
    )
    frontend: Url | None = Field(None, description="The query frontend that Grafana asks.")
    shards: int = Field(1, ge=1, le=1000, strict=True, description="Rulers that the rules are split over.")
    partial: Literal["abort", "warn"] = Field(
        "abort", description="What rulers do with an answer that lacks a part: fail, or take it."
    )


class Backend(Model):
    """The engine; exactly one."""

    thanos: Thanos | None = None
    mimir: Annotated[Mimir | None, BeforeValidator(_url)] = Field(None, json_schema_extra=also({"type": "string"}))
    agent: Agent | None = Field(None, alias="prometheus-agent")


_NEEDS = {
    "thanos": "its object storage: write backend: {thanos: {storage: {secret: thanos/objstore.yml}}}",
    "mimir": "its address: write backend: {mimir: https://mimir.example}",
}


def one_engine(value: Any) -> Any:
    """`prometheus-agent`, or a map from one engine to what is said about it."""
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
    for name in names:
        if name not in ENGINES:
            near = difflib.get_close_matches(str(name), ENGINES, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(ENGINES)}"
            raise ValueError(f"{shown(name)} is no backend: {hint}")
    if len(names) != 1:
        raise ValueError(f"{shown(value)} names no engine, or several: write one of {', '.join(ENGINES)}")
    if isinstance(value, str) or value[names[0]] is None:
        if names[0] in _NEEDS:
            raise ValueError(f"{names[0]} needs {_NEEDS[names[0]]}")
        return {names[0]: {}}
    return value
