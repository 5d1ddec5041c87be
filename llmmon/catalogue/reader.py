"""Reads catalogue files: JSON becomes typed entries."""

from __future__ import annotations

import functools
import json
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from llmmon.catalogue import version as versions
from llmmon.catalogue.entry import Catalogue, Form, Source
from llmmon.plan import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

    from llmmon.catalogue.version import Version
    from llmmon.plan.service import MetricType, Scope

Labels = list[str] | dict[str, list[str] | None]


class SourceData(TypedDict):
    """`sources:` of a file."""

    repository: str
    version: str
    files: NotRequired[list[str]]
    unverified: NotRequired[str]


class FormData(TypedDict):
    """One metric, or one form of it. `labels` may hold "@name" and `buckets` be a name: the file's own lists."""

    type: MetricType
    help: str
    unit: NotRequired[str]
    labels: NotRequired[Labels]
    buckets: NotRequired[list[str] | str]
    scope: NotRequired[Scope]
    since: NotRequired[str]
    removed: NotRequired[str]
    deprecated: NotRequired[str]
    replaced_by: NotRequired[str]
    traps: NotRequired[list[str]]
    opt_in: NotRequired[str]
    wire: NotRequired[str]
    family: NotRequired[str]


VersionsData = TypedDict("VersionsData", {"from": str, "to": str, "default": NotRequired[str]})


class FileData(TypedDict):
    """A catalogue file; `source` and `version` are the short form of `sources`, for what no versions tell apart."""

    technology: str
    metrics: dict[str, FormData | list[FormData]]
    source: NotRequired[str]
    version: NotRequired[str]
    sources: NotRequired[list[SourceData]]
    versions: NotRequired[VersionsData]
    common: NotRequired[Labels]
    labels: NotRequired[dict[str, Labels]]
    buckets: NotRequired[dict[str, list[str]]]
    attributes: NotRequired[dict[str, str]]
    build: NotRequired[list[str]]
    examples: NotRequired[dict[str, list[str]]]


@functools.cache
def names() -> tuple[str, ...]:
    """Every catalogue there is; the registry is the directory listing."""
    return tuple(sorted(path.name.removesuffix(".json") for path in _folder().iterdir() if path.name.endswith(".json")))


@functools.cache
def read(name: str) -> Catalogue:
    """A catalogue by its name, which exists, with all versions of its metrics."""
    data = cast("FileData", json.loads(_bytes(name)))
    span = data.get("versions")
    last = _version(span["to"]) if span else None
    return Catalogue(
        name=name,
        technology=data["technology"],
        sources=tuple(_sources(data)),
        first=_version(span["from"]) if span else None,
        last=last,
        default=_version(span.get("default")) or last if span else None,
        forms={key: tuple(_forms(key, entry, data)) for key, entry in data["metrics"].items()},
        attributes=data.get("attributes", {}),
        build=(build[0], build[1]) if (build := data.get("build")) else None,
        examples={label: tuple(values) for label, values in data.get("examples", {}).items()},
    )


@functools.cache
def load(name: str, version: Version | None = None) -> Mapping[str, Metric]:
    """The metrics of one catalogue, by name, in a version (None: its default)."""
    return read(name).metrics(version)


def naming(metric: str) -> tuple[str, ...]:
    """Catalogues that know a metric; only those are parsed in which its name stands somewhere."""
    quoted = f'"{metric}"'.encode()
    return tuple(name for name in names() if quoted in _bytes(name) and metric in read(name).forms)


def _folder() -> Traversable:
    return resources.files("llmmon") / "catalogues"


@functools.cache
def _bytes(name: str) -> bytes:
    return (_folder() / f"{name}.json").read_bytes()


def _sources(data: FileData) -> Iterator[Source]:
    if "source" in data:
        yield Source(data["source"], data.get("version", ""))
    for item in data.get("sources", ()):
        files = tuple(item.get("files", ()))
        yield Source(item["repository"], item["version"], files, item.get("unverified", ""))


def _forms(name: str, entry: FormData | list[FormData], data: FileData) -> Iterator[Form]:
    for item in entry if isinstance(entry, list) else (entry,):
        yield Form(
            metric=_metric(name, item, data),
            since=_version(item.get("since")),
            removed=_version(item.get("removed")),
            deprecated=_version(item.get("deprecated")),
            replaced_by=item.get("replaced_by"),
            traps=tuple(item.get("traps", ())),
            opt_in=item.get("opt_in"),
            wire=item.get("wire"),
            family=item.get("family"),
        )


def _metric(name: str, entry: FormData, data: FileData) -> Metric:
    buckets = entry.get("buckets", ())
    return Metric(
        name=name,
        type=entry["type"],
        unit=entry.get("unit"),
        labels=dict(_labels((data.get("common", []), entry.get("labels", [])), data)),
        buckets=tuple(map(Decimal, data.get("buckets", {})[buckets] if isinstance(buckets, str) else buckets)),
        help=entry["help"],
        scope=entry.get("scope", "service"),
    )


def _labels(written: Iterable[Labels], data: FileData) -> Iterator[tuple[str, frozenset[str] | None]]:
    for labels in written:
        for label, values in labels.items() if isinstance(labels, dict) else ((label, None) for label in labels):
            if label.startswith("@"):
                yield from _labels((data.get("labels", {})[label[1:]],), data)
            else:
                yield label, frozenset(values) if values else None


def _version(text: str | None) -> Version | None:
    return versions.parse(text) if text else None
