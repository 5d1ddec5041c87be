"""What a user may write about the log stack: how long logs are kept, and what is asked of a service's."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.alerts import Category, Severity
from llmmon.spec.model import AlertName, Duration, Label, Model, Name, PositiveDuration, as_list, shown

_FIELD = re.compile(r"[A-Za-z_@][A-Za-z0-9_@-]*(?:\.[A-Za-z0-9_@-]+)*\Z")
_SERVER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?:([0-9]{1,5})\Z")
_PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}\Z")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")

_ONE_OR_MORE = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _text(pattern: re.Pattern[str], advice: str, example: str) -> tuple[BeforeValidator, WithJsonSchema]:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.match(value):
            raise ValueError(f"{shown(value)} is no {advice}")
        return value

    return BeforeValidator(check), WithJsonSchema({"type": "string", "examples": [example]})


def _server(value: Any) -> str:
    match = _SERVER.match(value) if isinstance(value, str) else None
    if not match or not 0 < int(match[1]) < 65536:
        raise ValueError(f"{shown(value)} is no server: write host:port, such as logstash.logging:5044")
    return str(value)


def _value(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{shown(value)} is no value of a field: write a text or a number")
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{shown(value)} holds half of a character, which no file can") from None
    return str(value)


Field_ = Annotated[str, *_text(_FIELD, "field: write a name such as user_id, or a path such as user.id", "user_id")]
Path = Annotated[str, *_text(_PATH, "path of a file in a folder: write it from / on", "/etc/filebeat/certs/ca.crt")]
Bucket = Annotated[str, *_text(_BUCKET, "bucket: use 3 to 63 of a-z, 0-9, . and -", "acme-logs")]
Server = Annotated[str, BeforeValidator(_server), WithJsonSchema({"type": "string", "examples": ["logstash:5044"]})]
Value = Annotated[str, BeforeValidator(_value), WithJsonSchema({"type": ["string", "number"]})]
Fields = Annotated[tuple[Field_, ...], BeforeValidator(as_list), WithJsonSchema(_ONE_OR_MORE)]


class Snapshots(Model):
    """Copies of the log indices in S3, made by Elasticsearch itself (SLM); credentials are in its keystore."""

    bucket: Bucket
    repository: Name = "logs"
    schedule: str = Field("01:30", description="Each day at HH:MM UTC, or a Quartz cron such as 0 30 1 * * ?")
    keep: PositiveDuration = Field("30d", validate_default=True)
    at_least: int = Field(5, ge=1, le=1000, description="So many are kept, however old they are.")
    at_most: int = Field(100, ge=1, le=1000)


class Filebeat(Model):
    """The DaemonSet that reads the containers' logs, and the Logstash that it sends them to, with TLS."""

    logstash: Annotated[tuple[Server, ...], BeforeValidator(as_list), WithJsonSchema(_ONE_OR_MORE)] = Field(
        min_length=1, description="host:port; all of one port, which the pipeline listens on."
    )
    namespace: Name = "logging"
    ca: Path = "/etc/filebeat/certs/ca.crt"
    istio: bool = Field(False, description="Access logs of Istio's proxies, as JSON, go to istio-access-<day>.")
    pipeline: Name | None = Field(None, description="A service whose pipeline receives; by default one of our own.")

    @model_validator(mode="after")
    def _sorted(self) -> Filebeat:
        if self.istio and self.pipeline:
            raise ValueError("only our own pipeline puts Istio's logs into istio-access: leave out pipeline or istio")
        return self


class LogStack(Model):
    """How the log indices are made, kept and found. Ages count from the end of an index's day."""

    shards: int = Field(1, ge=1, le=1024)
    replicas: int = Field(1, ge=0, le=10)
    warm: Duration | None = Field(None, description="Age at which an index moves to the warm nodes.")
    cold: Duration | None = Field(None, description="Age at which it moves to the cold nodes.")
    delete: PositiveDuration | None = Field(None, description="Age at which it is deleted; never by default.")
    snapshots: Snapshots | None = None
    filebeat: Filebeat | None = None
    kibana: bool = Field(True, description="Data views, and the services' queries as saved queries.")
    loki: bool = Field(False, description="The services' log alerts for Loki's ruler, and their queries in LogQL.")


class Search(Model):
    """A question to the logs: how many events, or the sum of a field, by the values of another."""

    help: str = ""
    within: PositiveDuration = Field("1d", validate_default=True)
    where: dict[Field_, Value] = Field(default_factory=dict, description="Field: the value that it must have.")
    having: Fields = Field((), description="Fields that an event must have.")
    by: Field_ | None = None
    sum: Field_ | None = None


class LogAlert(Model):
    """Too many log lines of a kind; Loki counts them."""

    where: dict[Field_, Value] = Field(default_factory=dict)
    having: Fields = ()
    by: Field_ | None = Field(None, description="Counted for each value of this field.")
    above: int = Field(0, ge=0, le=1_000_000_000, description="Lines within the window.")
    within: PositiveDuration = Field("5m", validate_default=True)
    for_: Duration = Field("0s", alias="for", validate_default=True)
    severity: Severity = "warning"
    category: Category = "errors"
    summary: str | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _narrow(self) -> LogAlert:
        if not self.where and not self.having:
            raise ValueError("counts every line: say which, such as where: {level: error}")
        return self


class Analysis(Model):
    """What is asked of a service's logs, in each of the languages that the fleet's log stack speaks."""

    streams: dict[Label, Value] = Field(
        default_factory=dict, description="Loki's labels of its lines; by default namespace and app of its workload."
    )
    queries: dict[Name, Search] = Field(default_factory=dict)
    alerts: dict[AlertName, LogAlert] = Field(default_factory=dict)
