"""Reads what a server exposes: Prometheus text, OpenMetrics, or a dump of Prometheus's metadata."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from llmmon.catalogue.lines import ESCAPE, QUOTED, Comment, Sample, lines, pairs
from llmmon.classes import field, mutable

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUND = re.compile(r'(?:^|[,\s])le[ \t]*=[ \t]*"([^"]*)"').search
_JSON = re.compile(rf"\[|\{{\s*(?:\}}|{QUOTED}\s*:)").match  # a series that begins with {{"name" goes on otherwise
_TYPES = {
    "counter": "counter",
    "gauge": "gauge",
    "histogram": "histogram",
    "summary": "summary",
    "gaugehistogram": "histogram",
    "info": "gauge",
    "stateset": "gauge",
}
_SPECIAL = {"histogram": "le", "summary": "quantile"}  # labels of parts, which are none of the metric
_PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count"), "counter": ("_total",)}
_LOOKED_AT = 300  # series of one metric whose labels are read; more have the same
_BOUNDS = 3000  # series of a histogram whose boundary is read
_VALUES = 30  # values that are kept of one label


class Unreadable(Exception):  # noqa: N818 - an outcome: what was given is no page of metrics
    """What was given is no page of metrics; the message says what it is instead."""


@mutable
class Family:
    """One metric as a server exposes it. `type` is None where the page does not say."""

    name: str
    type: str | None = None
    help: str = ""
    unit: str = ""
    labels: dict[str, set[str]] = field(default_factory=dict)
    bounds: set[Decimal] = field(default_factory=set)
    series: int = 0

    @property
    def buckets(self) -> tuple[Decimal, ...]:
        """Boundaries of a histogram, without +Inf."""
        return tuple(sorted(self.bounds))


def read(text: str) -> dict[str, Family]:
    """The metrics of a page or of a dump, by name; `Unreadable` where it is neither."""
    start = text[:2000].lstrip("\ufeff \t\r\n")
    if not start:
        raise Unreadable("it is empty: the server has no metrics, or this is not its metrics page")
    if start[0] == "<":
        raise Unreadable("it is HTML, not metrics: the path is most often /metrics")
    if _JSON(start):
        return _metadata(text)
    return _exposition(text)


def _exposition(text: str) -> dict[str, Family]:
    """Prometheus text or OpenMetrics; one wrong line spoils the page, as it does for Prometheus."""
    families: dict[str, Family] = {}
    owners: dict[str, Family | None] = {}
    wrong = []
    for line in lines(text):
        match line:
            case Comment():
                _describe(families, owners, line.word, line.name, line.rest)
            case Sample():
                _count(families, owners, line.name, line.labels)
            case int():
                wrong.append(line)
                if len(wrong) > 2:
                    break
    if wrong:
        numbers = ", ".join(map(str, wrong))
        raise Unreadable(f'line {numbers}: no sample, which looks like name{{label="value"}} 1, and no comment')
    if not families:
        raise Unreadable("it holds comments and no metrics")
    return _named(families, text.rstrip().endswith("# EOF"))


def _describe(families: dict[str, Family], owners: dict[str, Family | None], word: str, name: str, rest: str) -> None:
    family = families.get(name)
    if family is None:
        family = families[name] = Family(name)
        owners.clear()  # a series that came before its family's comment
    match word:
        case "TYPE":
            family.type = _TYPES.get(rest.strip())
            for part in _PARTS.get(family.type or "", ()):
                owners.pop(name + part, None)
        case "HELP":
            family.help = ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], rest)
        case "UNIT":
            family.unit = rest.strip()


def _count(families: dict[str, Family], owners: dict[str, Family | None], name: str, labels: str | None) -> None:
    family = owners.get(name)
    if family is None:
        family = owners[name] = _owner(families, name)
    family.series += 1
    if not labels:
        return
    if family.type == "histogram" and family.series <= _BOUNDS and (bound := _BOUND(labels)) and bound[1] != "+Inf":
        family.bounds.add(_boundary(name, bound[1]))
    if family.series <= _LOOKED_AT:
        for label, value in pairs(labels):
            if label != _SPECIAL.get(family.type or ""):
                values = family.labels.setdefault(label, set())
                if len(values) < _VALUES:
                    values.add(value)


def _boundary(name: str, text: str) -> Decimal:
    try:
        bound = Decimal(text)
    except InvalidOperation:
        bound = Decimal("NaN")
    if not bound.is_finite():
        raise Unreadable(f"{name} has the boundary le={text!r}, which is no number")
    return bound


def _owner(families: dict[str, Family], name: str) -> Family:
    """The family of a series: `x_bucket` belongs to the histogram `x`."""
    if name in families:
        return families[name]
    for kind, parts in _PARTS.items():
        for part in parts:
            base = families.get(name.removesuffix(part)) if name.endswith(part) else None
            if base and base.type == kind:
                return base
    created = families.get(name.removesuffix("_created")) if name.endswith("_created") else None
    if created and created.type in _PARTS:
        return Family(name)  # nobody asks when a series began
    return families.setdefault(name, Family(name))


def _named(families: dict[str, Family], open_metrics: bool) -> dict[str, Family]:
    """By the names of series: OpenMetrics leaves the `_total` of counters out of the family's name."""
    out = {}
    for name, family in families.items():
        if open_metrics and family.type == "counter" and not name.endswith("_total"):
            family.name = f"{name}_total"
        out[family.name] = family
    return {name: family for name, family in out.items() if not _is_created(name, out)}


def _is_created(name: str, families: dict[str, Family]) -> bool:
    """Python's client says when each series began, as a gauge of its own."""
    base = name.removesuffix("_created")
    return name != base and any(other in families for other in (base, f"{base}_total"))


def _metadata(text: str) -> dict[str, Family]:
    """What Prometheus answers on /api/v1/metadata: types and help, no labels and no buckets."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("it begins like JSON and is none: neither metrics nor a dump of /api/v1/metadata") from None
    data = found.get("data", found) if isinstance(found, dict) else None
    if isinstance(found, dict) and found.get("status") == "error":
        raise Unreadable(f"Prometheus answered with an error: {found.get('error')}")
    if not isinstance(data, dict) or not all(map(_is_entry, data.values())):
        raise Unreadable("it is JSON, and no dump of Prometheus's /api/v1/metadata")
    if not data:
        raise Unreadable("it is a dump of /api/v1/metadata that knows no metrics")
    return {family.name: family for family in _dumped(data)}


def _is_entry(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _dumped(data: dict[str, list[dict[str, Any]]]) -> Iterator[Family]:
    for name, entries in data.items():
        entry = entries[0] if entries else {}
        yield Family(
            name, _TYPES.get(str(entry.get("type"))), str(entry.get("help") or ""), str(entry.get("unit") or "")
        )
