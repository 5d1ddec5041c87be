"""Which presets fit a page of metrics: those whose signals find there what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import catalogue, preset, promql, unit
from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.catalogue import Version
    from llmmon.catalogue.page import Family
    from llmmon.catalogue.recognise import Recognised
    from llmmon.preset import Data, Preset

_ENOUGH = 0.5  # of a preset's signals; what a feature brings that is off is missing on many a page
_PARTS = ("_bucket", "_sum", "_count")
_COMMON = frozenset({"job", "instance", "le", "quantile"})  # labels that a page does not show, or that parts have
_OF_WORKLOADS = ("container", "pod", "workload", "volume")  # whose series no job tells from those of others
_ONCE = ("signals", "alerts", "dashboards", "slos", "budgets", "health")  # names that two presets cannot both bring


@frozen
class Fit:
    """A preset in a version, the metrics of a page that it asks for, and its signals that find nothing there."""

    preset: Preset
    metrics: frozenset[str]
    silent: tuple[str, ...] = ()


def fitting(page: Mapping[str, Family], found: Iterable[Recognised]) -> list[Fit]:
    """The presets that fit, the most telling first; none has only catalogues that another one has."""
    owners = {item.catalogue.name: {name: page[name] for name in item.names} for item in found}
    versions = {item.catalogue.name: item.version for item in found}
    fits = [fit for name in preset.names() if name != preset.ALWAYS and (fit := _fit(name, owners, versions))]
    chosen: list[Fit] = []
    for fit in sorted(fits, key=lambda fit: (-len(fit.metrics), fit.preset.name)):
        if not {name for other in chosen for name in other.preset.catalogues}.issuperset(fit.preset.catalogues):
            chosen.append(fit)
    return chosen


def compatible(fits: Iterable[Fit]) -> list[Fit]:
    """Those that one service can use together; the most telling stay."""
    chosen: list[Fit] = []
    for fit in fits:
        if not any(clash(fit.preset, other.preset) for other in chosen):
            chosen.append(fit)
    return chosen


def clash(one: Preset, other: Preset) -> bool:
    """Whether two presets bring things of one name, so that one service cannot use both."""
    return any(section(one.data, key).keys() & section(other.data, key).keys() for key in _ONCE)


def wants_workload(name: str) -> bool:
    """Whether a preset watches what Kubernetes runs, so that it has to be said what that is."""
    scopes = {metric.scope for item in preset.load(name).catalogues for metric in catalogue.load(item).values()}
    return not scopes.isdisjoint(_OF_WORKLOADS)


def section(data: Data, name: str) -> dict[str, Any]:
    """A map by name inside a preset; empty where it has none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def selectors(signal: Any) -> Iterator[promql.Selector]:
    """What a signal asks for."""
    for text in _texts(signal):
        yield from (node for node in promql.walk(promql.parse(text)) if isinstance(node, promql.Selector))


def _fit(name: str, owners: Mapping[str, Mapping[str, Family]], versions: Mapping[str, Version | None]) -> Fit | None:
    loaded = preset.load(name)
    loaded = loaded.at(versions.get(loaded.versioned or ""))
    page = {key: family for item in loaded.catalogues for key, family in owners.get(item, {}).items()}
    signals = section(loaded.data, "signals")
    asked = {role: set(_asked(signal, page)) for role, signal in signals.items()}
    heard = {role: {name for name in names if name} for role, names in asked.items() if None not in names}
    if not heard or len(heard) < _ENOUGH * len(signals):
        return None
    return Fit(loaded, frozenset[str]().union(*heard.values()), tuple(role for role in signals if role not in heard))


def _asked(signal: Any, page: Mapping[str, Family]) -> Iterator[str | None]:
    """The metrics of a page that a signal asks for; None for one that is not there, or lacks a label."""
    grouped = () if "expr" in signal else signal.get("by", ())
    by = set(grouped.values()) if isinstance(grouped, dict) else {grouped} if isinstance(grouped, str) else set(grouped)
    for selector in selectors(signal):
        family = _family(selector.name or "", page)
        labels = by | {matcher.label for matcher in selector.matchers}
        tells = family is not None and (not family.series or labels <= family.labels.keys() | _COMMON)
        yield family.name if family and tells else None


def _family(name: str, page: Mapping[str, Family]) -> Family | None:
    bases = (name, *(name.removesuffix(part) for part in _PARTS if name.endswith(part)))
    return next((page[base] for base in bases if base in page), None)


def _texts(signal: Any) -> Iterator[str]:
    for key, value in signal.items():
        match key:
            case "rate" | "increase" | "histogram" | "mean" | "gauge" | "age" | "expr":
                yield from _each(value)
            case "ratio" | "usage":
                for inner in value.values():
                    yield from (text for text in _each(inner) if unit.parse(text) is None)  # a limit may be a number


def _each(value: Any) -> Iterable[str]:
    return map(str, value) if isinstance(value, list) else (str(value),)
