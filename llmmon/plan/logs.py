"""The log pipeline of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.plan.logstack import Analysis
    from llmmon.problem import Origin


@frozen
class Input:
    """One way in. `port` for tcp, beats and http; `topics`, `servers` and `group` for kafka."""

    kind: Literal["tcp", "beats", "http", "kafka"]
    codec: str | None
    tls: Literal["off", "server", "mutual"]
    origin: Origin
    host: str = "0.0.0.0"  # noqa: S104 - what the plugins do by default; without TLS it is 127.0.0.1
    port: int | None = None
    topics: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    group: str = ""


@frozen
class Timestamp:
    """The field that becomes `@timestamp`, and the formats that are tried in order."""

    field: str
    formats: tuple[str, ...]
    timezone: str
    origin: Origin


@frozen
class Levels:
    """The field that becomes `level`; `words` maps each of the five levels to all lower-case words for it."""

    field: str
    words: Mapping[str, tuple[str, ...]]
    origin: Origin


@frozen
class Sample:
    """A line and what it must give; None where the pattern must not match."""

    line: str
    gives: str | int | float | None
    origin: Origin


@frozen
class Extraction:
    """A field that grok reads from `source`.

    `definitions` are all named patterns that it rests on; `convert` is the type that the captured text becomes, None
    where it stays text or where the pattern itself converts. `failure` is the tag of an event that holds `when` and
    does not match.
    """

    field: str
    pattern: str
    source: str
    when: str | None
    convert: Literal["float", "integer"] | None
    definitions: Mapping[str, str]
    tag: str | None
    failure: str | None
    samples: tuple[Sample, ...]
    origin: Origin


@frozen
class Redaction:
    """A field that does not leave the pipeline as it came."""

    field: str
    how: Literal["remove", "hash"]
    origin: Origin


@frozen
class Pipeline:
    """All of it; events with one of the tags `failed` go to the index `failures`. The day is added to both indices."""

    service: str
    inputs: tuple[Input, ...]
    json: str | None
    timestamp: Timestamp | None
    level: Levels | None
    extractions: tuple[Extraction, ...]
    redactions: tuple[Redaction, ...]
    index: str
    failures: str
    failed: tuple[str, ...]
    origin: Origin
    analysis: Analysis | None = None

    @property
    def ports(self) -> Mapping[int, Origin]:
        """The ports that it listens on; no two pipelines of one Logstash may share one."""
        return {entry.port: entry.origin for entry in self.inputs if entry.port}
