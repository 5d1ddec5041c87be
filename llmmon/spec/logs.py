"""What a user may write about a service's logs: where they come in, what is read from them, where they go."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.logstack import Analysis
from llmmon.spec.model import Label, Model, as_list, shown

Codec = Literal["json_lines", "json", "line", "plain"]
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
Scalar = str | int | float | None
Samples = dict[str, Scalar]

# tcp is a stream and needs a codec that finds the ends of lines; http and kafka bring whole messages.
CODECS: dict[str, tuple[Codec, ...]] = {
    "tcp": ("json_lines", "line"),
    "http": ("json", "plain"),
    "kafka": ("json", "plain"),
}
_FIELD = re.compile(r"[A-Za-z_@][A-Za-z0-9_.@-]*\Z|(?:\[[A-Za-z0-9_.@-]+\])+\Z")
_TAG = re.compile(r"[A-Za-z0-9_.-]+\Z")
_PATTERN_NAME = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9._:-]+\Z")
_SERVER = re.compile(r"[A-Za-z0-9._-]+:[0-9]{1,5}\Z")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}\Z")
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*\Z")
_OWN = ("@metadata", "[@metadata]", "@timestamp", "[@timestamp]", "tags", "[tags]")


def _text(pattern: re.Pattern[str], advice: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.match(value):
            raise ValueError(f"{shown(value)} is no {advice}")
        return value

    return BeforeValidator(check)


def _port(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise ValueError(f"{shown(value)} is no port: write a number from 1 to 65535")
    return value


def _field(value: Any) -> str:
    if not isinstance(value, str) or not _FIELD.match(value):
        raise ValueError(f"{shown(value)} is no field: write a name such as user_id, or a path such as [user][id]")
    return value


def _writable(value: Any) -> str:
    field = _field(value)
    if field.startswith(_OWN[:2]) or field in _OWN:
        raise ValueError(f"{shown(value)} is Logstash's own field: name one of the application's")
    return field


def _tls(value: Any) -> Any:
    return {True: "server", False: "off"}.get(value, value) if isinstance(value, bool) else value


def _scalar(value: Any) -> Scalar:
    if isinstance(value, bool) or not isinstance(value, Scalar):
        raise ValueError(f"{shown(value)} is no value of a field: write a number, a text, or null for no match")
    return value


def _string(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples)})


Port = Annotated[int, BeforeValidator(_port), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535})]
FieldName = Annotated[str, BeforeValidator(_field), _string("user_id", "[user][id]")]
OwnField = Annotated[str, BeforeValidator(_writable), _string("user_id", "[user][id]")]
Tag = Annotated[str, _text(_TAG, "tag: use letters, digits, _, . and -"), _string("cost_event")]
PatternName = Annotated[str, _text(_PATTERN_NAME, "pattern name: use A-Z, 0-9 and _"), _string("MODEL_NAME")]
IndexName = Annotated[
    str, _text(_INDEX, "index name: use a-z, 0-9, ., _ and -; the day is added"), _string("app-chat-gateway")
]
Server = Annotated[str, _text(_SERVER, "Kafka server: write host:port"), _string("kafka:9093")]
Topic = Annotated[str, _text(_TOPIC, "topic: use letters, digits, ., _ and -"), _string("chat-logs")]
Given = Annotated[Any, BeforeValidator(_scalar), WithJsonSchema({"type": ["string", "number", "null"]})]


class Input(Model):
    """Where log lines come from: one or more of tcp, beats, http and kafka."""

    tcp: Port | None = None
    beats: Port | None = None
    http: Port | None = None
    kafka: Annotated[
        tuple[Topic, ...],
        BeforeValidator(as_list),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = Field((), description="Topics.")
    servers: Annotated[
        tuple[Server, ...], BeforeValidator(as_list), WithJsonSchema({"type": "array", "items": {"type": "string"}})
    ] = Field((), description="Kafka's bootstrap servers, host:port.")
    codec: Codec | None = Field(None, description="json_lines for tcp, json for http and kafka; beats needs none.")
    tls: Annotated[Literal["off", "server", "mutual"], BeforeValidator(_tls)] = Field(
        "server", description="true, false, or mutual, which asks clients for a certificate too."
    )
    host: Annotated[str, _text(_ADDRESS, "address"), _string("0.0.0.0")] | None = Field(  # noqa: S104 - an example
        None, description="Address to listen on; without TLS only this machine can connect unless it is given."
    )

    @model_validator(mode="after")
    def _whole(self) -> Input:
        kinds = [kind for kind in ("tcp", "beats", "http", "kafka") if getattr(self, kind)]
        if not kinds:
            raise ValueError("an input needs tcp, beats or http with a port, or kafka with topics")
        if bool(self.kafka) != bool(self.servers):
            raise ValueError("kafka needs both topics and servers: {kafka: [topic], servers: ['host:9093']}")
        ports = [port for port in (self.tcp, self.beats, self.http) if port]
        if len(set(ports)) < len(ports):
            raise ValueError("two inputs listen on one port: give each its own")
        if self.codec and kinds == ["beats"]:
            raise ValueError("beats frames its own messages: leave the codec out")
        for kind in kinds:
            if self.codec and kind in CODECS and self.codec not in CODECS[kind]:
                raise ValueError(f"{kind} takes the codec {' or '.join(CODECS[kind])}, not {self.codec}")
        return self


class Timestamp(Model):
    """The field that says when it happened, and how it is written."""

    field: OwnField
    formats: Annotated[
        tuple[str, ...],
        BeforeValidator(as_list),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = Field(
        ("ISO8601",), min_length=1, description="ISO8601, UNIX, UNIX_MS, or a pattern such as yyyy-MM-dd HH:mm:ss,SSS."
    )
    timezone: Annotated[str, _text(_ZONE, "time zone"), _string("UTC", "Europe/Berlin")] = "UTC"


class LevelField(Model):
    """The field that holds the level; it becomes `level`: debug, info, warning, error or critical."""

    field: OwnField
    synonyms: dict[LogLevel, tuple[str, ...]] = Field(default_factory=dict, description="Further words for a level.")


class Extraction(Model):
    """A value that is read from text; the samples prove the pattern."""

    pattern: str = Field(min_length=1, description="A grok pattern that captures the field.")
    source: FieldName = Field("message", description="The field that holds the text.")
    when: str | None = Field(
        None, min_length=1, description="Text that the line must hold; one that does, and does not match, is a failure."
    )
    type: Literal["float", "integer", "string"] | None = Field(None, description="By default what the samples give.")
    tag: Tag | None = Field(None, description="Added to events where the pattern matched.")
    sample: str | None = None
    gives: Given = None
    samples: dict[str, Given] = Field(default_factory=dict, description="Line: value, or null where none may match.")

    @model_validator(mode="after")
    def _sampled(self) -> Extraction:
        if (self.sample is None) != ("gives" not in self.model_fields_set):
            raise ValueError("sample and gives belong together: the line, and the value that it gives")
        if not any(value is not None for value in self.proofs.values()):
            raise ValueError("needs a sample line and the value that it gives, such as sample: 'took 12ms', gives: 12")
        return self

    @property
    def proofs(self) -> Samples:
        """All sample lines with their values."""
        return ({} if self.sample is None else {self.sample: self.gives}) | self.samples


def _timestamp(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


def _redact(value: Any) -> Any:
    return dict.fromkeys(value, "remove") if isinstance(value, list | tuple) else value


class Logs(Model):
    """The log pipeline of a service."""

    input: Input
    json_: FieldName | None = Field(None, alias="json", description="A field whose text is a JSON document.")
    timestamp: Annotated[Timestamp, BeforeValidator(_timestamp, json_schema_input_type=str | Timestamp)] | None = None
    level: Annotated[LevelField, BeforeValidator(_timestamp, json_schema_input_type=str | LevelField)] | None = None
    redact: Annotated[
        dict[OwnField, Literal["remove", "hash"]],
        BeforeValidator(_redact),
        WithJsonSchema(
            {
                "description": "Fields that are removed; as a map, field: remove or hash (SHA-256, keyed).",
                "anyOf": [
                    {"type": "array", "items": {"type": "string"}},
                    {"type": "object", "additionalProperties": {"enum": ["remove", "hash"]}},
                ],
            }
        ),
    ] = Field(default_factory=dict)
    patterns: dict[PatternName, str] = Field(default_factory=dict, description="Grok patterns of your own.")
    extract: dict[Label, Extraction] = Field(default_factory=dict)
    index: IndexName | None = Field(None, description="app-<service> by default; one per day.")
    failures: IndexName = Field(
        "app-failures", description="Where events go that could not be read; raw lines included."
    )
    analysis: Analysis | None = Field(None, description="What is asked of the logs, once they are kept.")
