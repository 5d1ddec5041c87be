"""Which metrics imported objectives read, of which type and with which labels, as their queries let us know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from llmmon import promql, unit
from llmmon.classes import field, mutable
from llmmon.interchange.query import bound
from llmmon.promql.fold import RATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from llmmon.promql import Expr, Selector

Type = Literal["counter", "gauge", "bucket", "native"]

_UNITS = {"seconds": "seconds", "bytes": "bytes", "ratio": "ratio"}
_ALWAYS = re.compile(r"up|ALERTS|ALERTS_FOR_STATE|scrape_.*")  # of Prometheus itself
_COMMON = ("job", "instance", "le")
_INVENTED = (0.1, 1, 10)


@mutable
class _Seen:
    types: set[Type] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    bounds: set[Decimal] = field(default_factory=set)


class Metrics:
    """Collects what is read."""

    def __init__(self) -> None:
        self.seen: dict[str, _Seen] = {}

    def selector(self, found: Selector, of: Type, by: Iterable[str] = ()) -> None:
        """One metric, which is of this type here."""
        name = found.name or ""
        if _ALWAYS.fullmatch(name):
            return
        mine = self.seen.setdefault(name, _Seen())
        mine.types.add("bucket" if name.endswith("_bucket") else of)
        mine.labels |= {matcher.label for matcher in found.matchers} | set(by)
        mine.bounds |= {value for matcher in found.matchers if matcher.label == "le" and (value := bound(matcher))}

    def histogram(self, found: Selector, within: Decimal, native: bool, by: Iterable[str] = ()) -> None:
        """A histogram by its own name."""
        name = found.name or ""
        if native:
            self.selector(found, "native", by)
            return
        self.selector(promql.Selector(f"{name}_bucket", found.matchers), "bucket", by)
        self.seen[f"{name}_bucket"].bounds.add(within)

    def expression(self, expr: Expr) -> None:
        """All metrics of an expression: what is rated is a counter, all else a gauge."""
        kept = {label for node in promql.walk(expr) for label in _labels(node)}
        rated = [
            argument.selector
            for node in promql.walk(expr)
            if isinstance(node, promql.Call) and node.func in RATES
            for argument in node.args
            if isinstance(argument, promql.Range)
        ]
        for node in promql.walk(expr):
            if isinstance(node, promql.Selector):
                self.selector(node, "counter" if any(node is item for item in rated) else "gauge", kept)

    def declared(self) -> dict[str, dict[str, Any]]:
        """As a spec declares them, by name."""
        histograms = {name.removesuffix("_bucket") for name, seen in self.seen.items() if "bucket" in seen.types}
        out: dict[str, dict[str, Any]] = {}
        for name, seen in self.seen.items():
            base, kind = _base(name, seen, histograms)
            entry = out.setdefault(base, {"type": kind, "labels": set(), "buckets": set()})
            entry["labels"] |= seen.labels - set(_COMMON)
            entry["buckets"] |= seen.bounds
            if "native" in seen.types:
                entry["native"] = True
        return {name: dict(_entry(name, out[name])) for name in sorted(out)}

    def invented(self) -> list[str]:
        """Histograms of which no boundary is known."""
        declared = self.declared()
        return [name for name, entry in declared.items() if entry.get("buckets") == list(_INVENTED)]


def of_unit(name: str) -> str | None:
    """The unit that a metric's name ends with."""
    words = name.removesuffix("_total").split("_")
    return _UNITS.get(words[-1])


def _base(name: str, seen: _Seen, histograms: set[str]) -> tuple[str, str]:
    for suffix in ("_bucket", "_count", "_sum"):
        base = name.removesuffix(suffix)
        if base != name and base in histograms:
            return base, "histogram"
    if "native" in seen.types:
        return name, "histogram"
    if "counter" in seen.types:
        base = next((name.removesuffix(suffix) for suffix in ("_count", "_sum") if name.endswith(suffix)), name)
        return (base, "summary") if base != name else (name, "counter")
    return name, "gauge"


def _entry(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = entry["type"]
    yield "type", kind
    if kind == "counter" and not name.endswith("_total"):
        yield "misnamed", True
    if of := of_unit(name):
        yield "unit", of
    if entry["labels"]:
        yield "labels", sorted(entry["labels"])
    if entry.get("native"):
        yield "native", True
    elif kind == "histogram":
        yield "buckets", [_number(value) for value in sorted(entry["buckets"])] or list(_INVENTED)
    yield "help", "As imported."


def _number(value: Decimal) -> Decimal | int:
    return int(value) if value == value.to_integral_value() else value


def _labels(node: Expr) -> Iterator[str]:
    match node:
        case promql.Aggregate(_, _, promql.Grouping("by", labels)):
            yield from labels
        case promql.Binary(matching=promql.Matching("on", labels)):
            yield from labels


def quantity(value: Decimal, of: str | None) -> str | Decimal | int:
    """A bound as people write it: `400ms`, or a number where the unit is not one of time."""
    if of != "seconds":
        return _number(value)
    milliseconds = value * 1000
    if milliseconds != milliseconds.to_integral_value():
        return value
    return f"{unit.number(value)}s" if value >= 1 else f"{int(milliseconds)}ms"
