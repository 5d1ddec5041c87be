"""An entry of pipelines.yml that Logstash does not start with, or that names a file which is not there.

Two pipelines with one id, an entry without a configuration or with two, or a setting that does not exist keep all
pipelines from starting. A path is looked for beside pipelines.yml, and only where its folder is there.

Bad:

    - pipeline.id: main
      path.config: /etc/logstash/conf.d/main.conf
    - pipeline.id: main
      path.config: /etc/logstash/conf.d/other.conf

    - pipeline.id: main
      pipeline.worker: 2
      path.config: /etc/logstash/conf.d/main.conf

Good:

    - pipeline.id: main
      path.config: /etc/logstash/conf.d/main.conf
    - pipeline.id: other
      path.config: /etc/logstash/conf.d/other.conf

    - pipeline.id: main
      pipeline.workers: 2
      config.string: "input { stdin { } } output { stdout { } }"
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.documents.pipeline_settings import Settings
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_FILE = lazily.pattern(r"(?:[a-zA-Z0-9_.-]{0,80}/){0,20}[a-zA-Z0-9_.-]{1,80}\.conf")  # one file, not a pattern
_SOURCES = ("path.config", "config.string")
_KNOWN = frozenset(
    (
        *("config.debug", "config.reload.automatic", "config.reload.interval", "config.string", "path.config"),
        *("config.support_escapes", "dead_letter_queue.enable", "dead_letter_queue.flush_interval"),
        *("dead_letter_queue.max_bytes", "dead_letter_queue.retain.age", "dead_letter_queue.storage_policy"),
        *("path.dead_letter_queue", "path.queue", "pipeline.batch.delay", "pipeline.batch.size", "pipeline.id"),
        *("pipeline.ecs_compatibility", "pipeline.java_execution", "pipeline.ordered", "pipeline.plugin_classloaders"),
        *("pipeline.reloadable", "pipeline.system", "pipeline.unsafe_shutdown", "pipeline.workers"),
        *("pipeline.batch.metrics.sampling_mode", "pipeline.batch.output_chunking.growth_threshold_factor"),
        *("pipeline.separate_logs", "queue.checkpoint.acks", "queue.checkpoint.retry", "queue.checkpoint.writes"),
        *("queue.compression", "queue.drain", "queue.max_bytes", "queue.max_events", "queue.page_capacity"),
        "queue.type",
    )
)


def check(settings: Settings, facts: Facts) -> Iterator[Finding]:
    del facts
    first: dict[str, Origin] = {}
    for entry, origin in settings.entries:
        name = entry.get("pipeline.id")
        if isinstance(name, str):
            before = first.setdefault(name, origin)
            if before is not origin:
                message = f"there is another pipeline {name!r}: give this one its own id"
                yield Finding("L023", message, origin=origin.at("pipeline.id"), related=(before,))
        yield from _entry(entry, origin)
        yield from _path(entry.get("path.config"), origin.at("path.config"))


def _entry(entry: Mapping[str, Any], origin: Origin) -> Iterator[Finding]:
    written = [key for key in _SOURCES if key in entry]
    if len(written) == 2:
        message = "a pipeline is read from path.config or from config.string: remove one of them"
        yield Finding("L023", message, origin=origin.at("config.string"))
    elif not written and not any(key.startswith(("path", "config")) for key in entry):
        yield Finding("L023", "this pipeline has no configuration: write path.config", origin=origin)
    for key in entry:
        near = get_close_matches(key, _KNOWN, 1, 0.85) if key not in _KNOWN else []
        if near:
            yield Finding("L023", f"Logstash has no setting {key}: did you mean {near[0]}?", origin=origin.at(key))
    kind = entry.get("queue.type")
    if isinstance(kind, str) and kind not in ("memory", "persisted") and "$" not in kind:
        message = f"there is no queue of the type {kind!r}: write memory or persisted"
        yield Finding("L023", message, origin=origin.at("queue.type"))


def _path(written: object, origin: Origin) -> Iterator[Finding]:
    """Where the folder that a path ends in stands beside pipelines.yml."""
    if not isinstance(written, str) or not _FILE.fullmatch(written):
        return
    path = PurePosixPath(written)
    beside = Path(origin.document.path).parent / path.parent.name
    if path.parent.name and beside.is_dir() and not (beside / path.name).exists():
        message = f"{beside.as_posix()} holds no {path.name}: correct the path, or write the file"
        yield Finding("L037", message, origin=origin)


RULE = Rule(Settings, check, {"L023": Level.ERROR, "L037": Level.WARNING}, peers=("logstash -t",))
