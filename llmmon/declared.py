"""Which series exist, for whoever lints: read from specs, from pages of metrics, and from catalogues."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon.classes import field, mutable
from llmmon.lazily import get_close_matches
from llmmon.rule import UNKNOWN, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.catalogue.page import Family
    from llmmon.plan import Metric
    from llmmon.rule import MetricType

_ENOUGH = 5  # names with one beginning: then whoever exposes them has been seen whole
# Beginnings that many servers share, so that nobody has all of them.
_ANYBODY = frozenset(
    (
        *(
            "app_",
            "build_",
            "cache_",
            "client_",
            "cpu_",
            "db_",
            "disk_",
            "gc_",
            "go_",
            "grpc_",
            "http_",
            "job_",
            "jvm_",
        ),
        *("memory_", "net_", "nodejs_", "process_", "promhttp_", "python_", "queue_", "rpc_", "scrape_", "server_"),
        *("service_", "system_", "task_", "worker_"),
    )
)
_PARTS: Mapping[str, tuple[str, ...]] = {
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
}
# What a scrape, and Kubernetes, add to every series.
_OF_TARGETS = frozenset(("container", "endpoint", "instance", "job", "namespace", "node", "pod", "service"))


@mutable
class Schema:
    """Series by name. `namespaces` are beginnings of names of which every metric is here."""

    known: dict[str, Series] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()

    def series(self, name: str) -> Series:
        """What is known of the series of this name."""
        return self.known.get(name, UNKNOWN)


def read(given: Iterable[str], namespaces: Sequence[str] = ()) -> Schema:
    """Everything that specs (a file or a folder), pages of metrics and catalogues (`vllm`, `vllm@0.8`) declare.

    Raises `ValueError`, with the reason in words, where one of them cannot be read.
    """
    schema = Schema()
    complete: list[str] = []
    for text in given:
        path = Path(text)
        if path.is_dir() or path.suffix in (".yaml", ".yml"):
            found = _of_specs(path)
        elif path.exists():
            found = _of_page(path)
        else:
            found = _of_catalogue(text)
        named: list[str] = []
        for name, series, own in found:
            schema.known[name] = _both(schema.known[name], series) if name in schema.known else series
            named += [name] if own else []
        complete += _beginnings(named)
    schema.namespaces = tuple(sorted({*complete, *namespaces}))
    return schema


def series_of(metric: Metric, name: str, labels: frozenset[str] | None) -> Series:
    """What is known of the series `name` of a metric, such as `x_bucket` of the histogram `x`."""
    kind: MetricType = metric.type
    if name != metric.name:
        kind = "counter"
    elif metric.type == "summary":
        kind = "gauge"
    values = {label: values for label, values in metric.labels.items() if values is not None}
    buckets = tuple(map(float, metric.buckets)) or None if metric.type == "histogram" else None
    return Series(kind, labels, metric.unit if name == metric.name else None, values=values, buckets=buckets)


def names_of(metric: Metric) -> tuple[str, ...]:
    """The series that a metric has: a classic histogram has three, and none of its own name."""
    if metric.type == "histogram" and not metric.native:
        return tuple(metric.name + part for part in _PARTS["histogram"])
    return (metric.name, *(metric.name + part for part in _PARTS.get(metric.type, ()) if metric.type == "summary"))


def _both(one: Series, other: Series) -> Series:
    """What two declarations of one series agree on."""
    labels = one.labels | other.labels if one.labels is not None and other.labels is not None else None
    values = {label: one.values[label] | other.values[label] for label in one.values.keys() & other.values.keys()}
    return Series(
        one.type if one.type == other.type else None,
        labels,
        one.unit if one.unit == other.unit else None,
        values=values,
        buckets=one.buckets if one.buckets == other.buckets else None,
        renamed=one.renamed if one.renamed == other.renamed else None,
    )


def _beginnings(names: Iterable[str]) -> Iterator[str]:
    from llmmon.catalogue import prefix

    counted = Counter(map(prefix, names))
    return (start for start, count in counted.items() if count >= _ENOUGH and start not in _ANYBODY)


def _of_specs(path: Path) -> Iterator[tuple[str, Series, bool]]:
    from llmmon import pipeline
    from llmmon.lower.metrics import known_metrics
    from llmmon.lower.service import common_labels
    from llmmon.problem import Rejected

    try:
        specs = pipeline.read([path])
        fleet, _ = pipeline.planned(specs)
    except Rejected as rejected:
        first = rejected.problems[0]
        raise ValueError(f"{first.origin}: {first.message}") from None
    for loaded in specs.services:
        common = _OF_TARGETS | common_labels(loaded, fleet)
        for metric in known_metrics(loaded, fleet.versions["prometheus"]).metrics.values():
            for name in names_of(metric):
                special = {"le"} if name.endswith("_bucket") else {"quantile"} if metric.type == "summary" else set()
                labels = common | metric.labels.keys() | special
                yield name, series_of(metric, name, labels), metric.name in loaded.spec.metrics


def _of_page(path: Path) -> Iterator[tuple[str, Series, bool]]:
    from llmmon.catalogue import page

    try:
        families = page.read(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except (page.Unreadable, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise ValueError(f"{path}: no page of metrics: {reason}") from None
    for family in families.values():
        for name, kind in _parts(family):
            buckets = tuple(map(float, family.buckets)) or None if family.type == "histogram" else None
            yield name, Series(kind, unit=family.unit or None, buckets=buckets), True


def _parts(family: Family) -> Iterator[tuple[str, MetricType | None]]:
    match family.type:
        case "counter" | "gauge" as kind:
            yield family.name, kind
        case "histogram" | "summary" as kind:
            if kind == "summary":
                yield family.name, "gauge"
            yield from ((family.name + part, "counter") for part in _PARTS[kind])
        case _:
            yield family.name, None


def _of_catalogue(text: str) -> Iterator[tuple[str, Series, bool]]:
    from llmmon import catalogue
    from llmmon.catalogue import version as versions

    name, _, number = text.partition("@")
    if name not in catalogue.names():
        near = get_close_matches(name, catalogue.names(), 1)
        hint = f"did you mean {near[0]!r}?" if near else "`llmmon catalogue list` names the catalogues"
        raise ValueError(f"{text!r} is no file, no folder and no catalogue: {hint}")
    version = versions.parse(number) if number else None
    if number and version is None:
        raise ValueError(f"{text!r}: {number!r} is no version: write it like {name}@1.2")
    read = catalogue.read(name)
    here = read.at(version)
    for form in here.values():
        for part in names_of(form.metric):
            known = series_of(form.metric, part, None)
            past = form.replaced_by if form.deprecated else None
            yield (
                part,
                Series(known.type, None, known.unit, values=known.values, buckets=known.buckets, renamed=past),
                False,
            )
    for gone, forms in read.forms.items():
        past = next((form.replaced_by for form in forms if form.replaced_by), None)
        if gone not in here and past:
            for part in names_of(forms[-1].metric):
                yield part, Series(renamed=past), False
