"""What a user may write about health endpoints: one probe each for liveness, readiness and startup, and components."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from llmmon import duration
from llmmon.spec.model import Model, Name, PositiveDuration, as_list, shown

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

MAX_INT32 = 2**31 - 1  # the type of every number of a probe in Kubernetes
_PORT_NAME = re.compile(r"(?=[0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\Z")  # RFC 6335, section 5.1
_PORT_NAME_LENGTH = 15
_PATH = re.compile(r"/[^\s#]*\Z")
_KUBERNETES = {  # what people copy from a Deployment, and what to write here
    "httpGet": "`path: /health`",
    "tcpSocket": "`tcp: 5432`",
    "initialDelaySeconds": "`startup: {path: /health, within: 5m}`, which waits exactly as long as it takes",
    "periodSeconds": "`period: 10s`",
    "timeoutSeconds": "`timeout: 5s`",
    "failureThreshold": "`failures: 3`",
    "successThreshold": "`successes: 1`",
    "terminationGracePeriodSeconds": "`grace: 10s`",
}


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{shown(value)} is no port number: gRPC probes take only numbers, such as 50051")
    return _in_range(value)


def _port(value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return _in_range(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        raise ValueError(f"{shown(value)} is text: write the port without quotes, {value}")
    if not isinstance(value, str) or len(value) > _PORT_NAME_LENGTH or not _PORT_NAME.match(value):
        raise ValueError(
            f"{shown(value)} is no port: write 1-65535, or the name of a container port "
            f"(a-z, 0-9 and single -, at least one letter, at most {_PORT_NAME_LENGTH})"
        )
    return value


def _in_range(value: int) -> int:
    if not 1 <= value <= 65_535:
        raise ValueError(f"{value} is no port: write 1-65535")
    return value


def _path(value: Any) -> str:
    if isinstance(value, str) and "://" in value:
        raise ValueError(f"{shown(value)} is a URL: write only its path, such as /health (the kubelet asks the pod)")
    if not isinstance(value, str) or not _PATH.match(value):
        raise ValueError(f"{shown(value)} is no HTTP path: write it like /health/ready")
    return value


def _seconds(value: timedelta) -> timedelta:
    if value % timedelta(seconds=1):
        raise ValueError(
            f"{duration.text(value)} is no number of whole seconds, which Kubernetes wants: write 1s or 2s"
        )
    if value > timedelta(seconds=MAX_INT32):
        raise ValueError(f"{duration.text(value)} is more than Kubernetes can count: {MAX_INT32}s")
    return value


def _command(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError(
            f"{shown(value)} is no command: write a list of words, numbers in quotes, such as [redis-cli, ping]"
        )
    return tuple(value)


def _probe(value: Any) -> Any:
    match value:
        case str():
            return {"path": value}
        case False:
            return None
        case dict():
            if hints := [
                f"{key} is Kubernetes's word, write {_KUBERNETES[key]}" for key in value if key in _KUBERNETES
            ]:
                raise ValueError("; ".join(hints))
            return value
        case Model():
            return value
    raise ValueError(f"{shown(value)} is no probe: write a path such as /health, a map, or false for no probe")


def _components(value: Any) -> dict[str, Any]:
    """Names in one report, or a map from names to endpoints of their own."""
    if isinstance(value, dict):
        found = dict(value)
    else:
        found = dict.fromkeys(item for item in as_list(value) if isinstance(item, str))
        if len(found) != len(as_list(value)):
            twice = next(item for item in as_list(value) if not isinstance(item, str) or as_list(value).count(item) > 1)
            why = "is no name" if not isinstance(twice, str) else "is there twice"
            raise ValueError(f"{shown(twice)} {why}: write each component once, such as [storage, cache]")
    if not found or not all(found):
        raise ValueError("a report without components says nothing: write components: [storage, cache]")
    return found


class _Shorthand:
    """The JSON Schema of `_probe`."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "anyOf": [
                {"type": "string", "pattern": "^/"},
                {"const": False},
                {"$ref": handler(core)["anyOf"][0]["$ref"]},
            ]
        }


_NAMED = {"type": "string", "pattern": "^[a-z0-9-]{1,15}$"}
_NUMBERED = {"type": "integer", "minimum": 1, "maximum": 65_535}

PortNumber = Annotated[int, PlainValidator(_number), WithJsonSchema(_NUMBERED)]
Port = Annotated[int | str, PlainValidator(_port), WithJsonSchema({"anyOf": [_NUMBERED, _NAMED]})]
Path = Annotated[str, PlainValidator(_path), WithJsonSchema({"type": "string", "pattern": "^/"})]
Command = Annotated[
    tuple[str, ...],
    PlainValidator(_command),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1}),
]
Components = Annotated[
    dict[str, Path | None],
    BeforeValidator(_components),
    WithJsonSchema(
        {
            "description": "Names in the report; or a map from each to an endpoint of its own.",
            "anyOf": [
                {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
                {"type": "object", "additionalProperties": {"type": "string", "pattern": "^/"}, "minProperties": 1},
            ],
        }
    ),
]
Words = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(as_list),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Seconds = Annotated[PositiveDuration, AfterValidator(_seconds)]
Count = Annotated[int, Field(strict=True, ge=1, le=MAX_INT32)]


class Probe(Model):
    """One handler (a path, grpc, tcp or exec) and its times; text is an HTTP path, false is no probe."""

    path: Path | None = Field(None, description="An HTTP GET that answers 200 to 399.")
    port: Port | None = Field(None, description="Of the HTTP path, where it is not the port of `health`.")
    grpc: PortNumber | None = Field(None, description="The gRPC health checking protocol, on this port.")
    service: str | None = Field(None, min_length=1, description="The service that the gRPC probe asks for.")
    tcp: Port | None = Field(None, description="A TCP connection that opens, on this port.")
    exec: Command | None = Field(None, description="A command in the container that ends with 0.")
    period: Seconds | None = Field(None, description="Between two tries.")
    timeout: Seconds | None = Field(None, description="How long one try may take.")
    failures: Count | None = Field(None, description="Tries in a row that must fail.")
    successes: Count | None = Field(None, description="Tries in a row that must succeed; only for readiness.")
    grace: Seconds | None = Field(None, description="Time to end in after it has failed; not for readiness.")
    within: Seconds | None = Field(None, description="The time that a start may take; only for startup.")


MaybeProbe = Annotated[Probe | None, BeforeValidator(_probe), _Shorthand()]


class Report(Model):
    """What the service says of its parts, read from outside: the signal `health`, 2, 1 or 0 for each component."""

    path: Path | None = Field(None, description="Of one report about all of them.")
    components: Components
    checks: str = Field("checks", min_length=1, description="The key of the report that holds the components.")
    healthy: Words = Field(("healthy",), description="What `status` says of one that is well.")
    degraded: Words = Field(("degraded",), description="What it says of one that is not, and still works.")

    @model_validator(mode="after")
    def _places(self) -> Report:
        own = [name for name, path in self.components.items() if path is not None]
        if self.path is None and len(own) < len(self.components):
            raise ValueError("the report has no path: write path: /health/detailed, or a path for each component")
        if self.path is not None and own:
            raise ValueError(f"{own[0]} has an endpoint of its own: leave path: out, or write components: [names]")
        if both := sorted(set(self.healthy) & set(self.degraded)):
            raise ValueError(f"{shown(both[0])} cannot be healthy and degraded: name it once")
        return self


class Health(Model):
    """Health endpoints. `startup` is derived from `liveness` unless it is given or false."""

    port: Port | None = Field(None, description="Of every HTTP path here: a number, or the name of a container port.")
    liveness: MaybeProbe = Field(None, description="Restarts the container: may look at this process only.")
    readiness: MaybeProbe = Field(None, description="Takes the pod out of service: may look at this pod only.")
    startup: MaybeProbe = Field(None, description="Holds the other two back until the container has started.")
    components: dict[Name, Path] = Field(
        default_factory=dict,
        description="Detailed endpoints by name, for people and blackbox checks, never for probes.",
    )
    report: Report | None = Field(None, description="Needs a blackbox exporter; with the metric `uses: [health]`.")
