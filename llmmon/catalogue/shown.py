"""What `llmmon catalogue` prints: tables and facts, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import catalogue
from llmmon.catalogue import version as versions
from llmmon.unit import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.catalogue import Catalogue, Form, Version

OVERVIEW = ("catalogue", "technology", "versions", "metrics")
METRICS = ("metric", "type", "unit", "versions", "help")
FOUND = ("metric", "catalogue", "type", "versions", "help")


def overview() -> Iterator[tuple[str, ...]]:
    """One row per catalogue."""
    for name in catalogue.names():
        read = catalogue.read(name)
        yield name, read.technology, _span(read.first, read.last), str(len(read.forms))


def metrics(read: Catalogue, version: Version | None) -> Iterator[tuple[str, ...]]:
    """One row per metric of a version; without one, of every version."""
    forms = read.at(version).items() if version else ((key, forms[-1]) for key, forms in read.forms.items())
    for key, form in forms:
        yield key, form.metric.type, form.metric.unit or "", _exists(form), form.metric.help


def search(word: str) -> Iterator[tuple[str, ...]]:
    """One row per metric whose name, help or labels have the word."""
    wanted = word.casefold()
    for name in catalogue.names():
        for key, forms in catalogue.read(name).forms.items():
            last = forms[-1]
            if any(wanted in text.casefold() for text in (key, last.metric.help, *last.metric.labels)):
                yield key, name, last.metric.type, _exists(last), last.metric.help


def facts(read: Catalogue) -> dict[str, Any]:
    """What a catalogue says of itself."""
    return {
        "catalogue": read.name,
        "technology": read.technology,
        "versions": _span(read.first, read.last),
        "sources": [
            _without({"repository": s.repository, "version": s.version, "files": list(s.files)}) for s in read.sources
        ],
    }


def form(read: Catalogue, known: Form) -> dict[str, Any]:
    """Everything about one form of a metric."""
    metric = known.metric
    return _without(
        {
            "metric": metric.name,
            "catalogue": read.name,
            "type": metric.type,
            "unit": metric.unit,
            "labels": {key: sorted(values) if values else None for key, values in metric.labels.items()},
            "buckets": [number(bound) for bound in metric.buckets],
            "versions": _exists(known),
            "deprecated": versions.show(known.deprecated) if known.deprecated else None,
            "replaced by": known.replaced_by,
            "needs": known.opt_in,
            "called": known.wire,
            "traps": list(known.traps),
            "help": metric.help,
        }
    )


def _without(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value not in (None, "", [], {})}


def _span(first: Version | None, last: Version | None) -> str:
    return f"{versions.show(first)} to {versions.show(last)}" if first and last else ""


def _exists(form: Form) -> str:
    since = f"since {versions.show(form.since)}" if form.since else ""
    until = f"until {versions.show(form.removed)}" if form.removed else ""
    return ", ".join(filter(None, (since, until)))
