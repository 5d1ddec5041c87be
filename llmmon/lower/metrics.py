"""The metrics that a service has: those of its presets' catalogues, in its versions and names, and its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import catalogue
from llmmon.catalogue import relabel
from llmmon.catalogue import version as versions
from llmmon.classes import field, mutable
from llmmon.plan import Metric
from llmmon.problem import Level, Problem
from llmmon.spec.uses import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.load import LoadedService
    from llmmon.plan.fleet import Version

_ALWAYS = "prometheus"  # `up`, `ALERTS` and `scrape_*` exist whatever a service uses
_UTF8 = (3, 0)  # the first Prometheus that reads dots in names


@mutable
class Known:
    """Metrics by name; why others do not exist; and the fleet's names for those of the catalogues."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def known_metrics(loaded: LoadedService, prometheus: Version) -> Known:
    """All metrics that the expressions of a service may name."""
    known = Known(dict(catalogue.load(_ALWAYS)))
    for name, use, own in _catalogues(loaded):
        _add(known, name, use, own, prometheus)
    for name, use in loaded.spec.uses.items():
        known.problems += _faults(loaded, name, use, prometheus)
    for name, written in loaded.spec.metrics.items():
        known.metrics[name] = Metric(
            name=name,
            type=written.type,
            unit=written.unit,
            labels={label: frozenset(values) if values else None for label, values in written.labels.items()},
            buckets=tuple(bucket.value for bucket in written.buckets),
            help=written.help,
            scope="service",
            native=written.native,
        )
    known.absent = {name: why for name, why in known.absent.items() if name not in known.metrics}
    known.aliases = {name: other for name, other in known.aliases.items() if name not in known.metrics}
    return known


def _catalogues(loaded: LoadedService) -> Iterator[tuple[str, Use, bool]]:
    """Each catalogue once, with how it is used, and whether the version is its own."""
    found: dict[str, tuple[Use, bool]] = {}
    for preset in loaded.source.presets:
        use = loaded.spec.uses.get(preset.name) or Use()
        for name in preset.catalogues:
            own = name == preset.versioned
            if name not in found or (own and not found[name][1]):
                found[name] = use, own
    for name, (use, own) in found.items():
        yield name, use, own


def _add(known: Known, name: str, use: Use, own: bool, prometheus: Version) -> None:
    read = catalogue.read(name)
    version = versions.parse(use.version) if own and use.version else None
    known.absent |= read.absent(version)
    readable = prometheus >= _UTF8 or not relabel.keeps_dots(use.translation)  # what is not has been said
    names = relabel.Names(use.prefix if own else "", use.rename, use.translation if readable else relabel.ESCAPED)
    if not names.changes():
        known.metrics |= catalogue.load(name, version)
        return
    metrics = relabel.relabelled(read, read.at(version), names, own)
    known.metrics |= {metric.name: metric for metric in metrics.values()}
    known.aliases |= dict(relabel.aliases(metrics))
    if relabel.keeps_dots(names.translation):
        known.labels |= read.attributes


def _faults(loaded: LoadedService, name: str, use: Use, prometheus: Version) -> Iterator[Problem]:
    preset = next((item for item in loaded.source.presets if item.name == name), None)
    origin = loaded.origin("uses", name)
    version = versions.parse(use.version) if use.version else None
    if version and preset:
        read = catalogue.read(preset.versioned) if preset.versioned else None
        said = read.assumed(version) if read else f"{name} has no versions: write {name}: true"
        if said:
            yield Problem(origin, said, "unknown-version", Level.NOTE)
    if relabel.keeps_dots(use.translation) and prometheus < _UTF8:
        said = f"{use.translation} keeps dots in names, which Prometheus {versions.show(prometheus)} cannot read"
        yield Problem(origin.at("translation"), f"{said}: write UnderscoreEscapingWithSuffixes", "dotted-names")
