"""A page of metrics at a moment: counters that have grown, histograms whose parts agree, gauges that sway."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from llmmon import catalogue
from llmmon.catalogue import version as versions
from llmmon.classes import replace
from llmmon.play.series import is_trouble, series, share, tells_of_trouble
from llmmon.promql.escape import label as label_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from llmmon.catalogue import Version
    from llmmon.catalogue.entry import Catalogue
    from llmmon.plan import Metric

_RATE = 5.0  # events per second of a series that is well
_RARE = 0.005  # of what goes well, what fails where all is well
_SLOWER = 8.0  # by how much an incident stretches times
_PERIOD = 600.0  # seconds, of a gauge's swaying
_STARTED = 1_800_000_000.0  # what a gauge that holds a Unix time is counted from


class Scenario(StrEnum):
    """How the service is."""

    healthy = "healthy"
    incident = "incident"


def page(
    uses: Iterable[tuple[str, Version | None]],
    scenario: Scenario = Scenario.healthy,
    at: float = 300.0,
    *,
    opt_in: bool = False,
) -> str:
    """What a server of these catalogues and versions exposes `at` seconds after its start.

    What has to be turned on is left out, unless `opt_in`.
    """
    metrics: dict[str, Metric] = {}
    for name, version in uses:
        read = catalogue.read(name)
        found = {key: form.metric for key, form in read.at(version).items() if opt_in or not form.opt_in}
        metrics |= {key: _with_examples(metric, read, version or read.default) for key, metric in found.items()}
    lines = (line for metric in metrics.values() for line in _metric(metric, scenario is Scenario.incident, at))
    return "\n".join(lines) + "\n"


def _with_examples(metric: Metric, read: Catalogue, version: Version | None) -> Metric:
    """The metric, whose open labels have values that the technology would give them, its version among them."""
    labels = {
        label: values or (frozenset(said) if (said := read.examples.get(label)) else None)
        for label, values in metric.labels.items()
    }
    if version and read.build and read.build[0] == metric.name:
        labels[read.build[1]] = frozenset({versions.show(version)})
    return replace(metric, labels=labels)


def _metric(metric: Metric, incident: bool, at: float) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}"
    yield f"# TYPE {metric.name} {metric.type}"
    for labels in series(metric):
        weight = share(metric.name, labels)
        match metric.type:
            case "counter":
                yield _sample(metric.name, labels, _RATE * _share(metric, labels, incident) * weight * at)
            case "gauge":
                info = metric.unit is None and metric.name.endswith("_info")
                yield _sample(metric.name, labels, 1 if info else _gauge(metric, labels, incident, at) * weight)
            case "histogram":
                rare = not incident and tells_of_trouble(metric, labels)
                yield from _histogram(metric, labels, incident, _RATE * (_RARE if rare else 1.0) * weight * at)
            case "summary":
                count = math.floor(_RATE * weight * at)
                yield _sample(f"{metric.name}_sum", labels, count * 0.1)
                yield _sample(f"{metric.name}_count", labels, count)


def _share(metric: Metric, labels: dict[str, str], incident: bool) -> float:
    """Of all events, those of a series: nothing goes wrong while all is well."""
    return 1.0 if is_trouble(metric, labels) == incident else 0.5 if incident else 0.0


def _gauge(metric: Metric, labels: dict[str, str], incident: bool, at: float) -> float:
    if metric.unit == "seconds" and any(word in metric.name for word in ("timestamp", "start_time", "_info")):
        return _STARTED
    sway = 1 + 0.2 * math.sin(2 * math.pi * at / _PERIOD)
    if metric.unit == "ratio":
        return 0.99 if incident else 0.4 * sway
    if is_trouble(metric, labels):
        return 1.0 if incident else 0.0
    return (100.0 if incident else 5.0) * sway


def _histogram(metric: Metric, labels: dict[str, str], incident: bool, observed: float) -> Iterator[str]:
    """As if times were exponentially distributed around a boundary below the middle."""
    count = math.floor(observed)
    bounds = metric.buckets
    mean = float(bounds[max(0, len(bounds) // 2 - 1)]) * (_SLOWER if incident else 1.0)
    for bound in bounds:
        inside = math.floor(count * -math.expm1(-float(bound) / mean))
        yield _sample(f"{metric.name}_bucket", {**labels, "le": _bound(bound)}, inside)
    yield _sample(f"{metric.name}_bucket", {**labels, "le": "+Inf"}, count)
    yield _sample(f"{metric.name}_sum", labels, count * mean)
    yield _sample(f"{metric.name}_count", labels, count)


def _bound(bound: Decimal) -> str:
    """As Python's client writes it, and Prometheus 3 stores it: `1.0`."""
    return repr(float(bound))


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    inner = ",".join(f'{label_name(key)}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value:.10g}" if inner else f"{name} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
