"""Signals: what the spec says becomes measures, and a reference such as `latency.p95` becomes one signal."""

from __future__ import annotations

import difflib
import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmmon import promql, unit
from llmmon.classes import names, replace
from llmmon.lower.windows import WINDOW
from llmmon.plan import ByLabel, Measure, Signal
from llmmon.plan import shapes as sh
from llmmon.plan.fleet import RESERVED
from llmmon.spec import signals as spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from llmmon.load import LoadedService
    from llmmon.lower.names import Names
    from llmmon.lower.scope import Scope
    from llmmon.plan.service import MetricType
    from llmmon.problem import Origin
    from llmmon.promql import Expr, Selector

_COUNTER: tuple[MetricType, ...] = ("counter",)
_GAUGE: tuple[MetricType, ...] = ("gauge",)


class Signals:
    """The signals of a service by reference: `requests`, `latency.p95`, `latency.mean`."""

    def __init__(self, service: LoadedService, names: Names) -> None:
        self.names = names
        self.variants: dict[str, dict[str, Signal]] = {}
        for role, written in service.spec.signals.items():
            origin = service.origin("signals", role)
            found = {signal.role.partition(".")[2]: signal for signal in _lower(role, written, origin, names)}
            if found:
                self.variants[role] = found
        self._broken = {role for role in service.spec.signals if role not in self.variants}
        for section, prefix in (("signals", ""), ("slos", "slo_"), ("budgets", "budget_"), ("trends", "trend_")):
            self._broken |= {f"{prefix}{keys[1]}" for keys in service.broken if len(keys) > 1 and keys[0] == section}

    def has(self, role: str) -> bool:
        """Whether there is such a role, or would be if it were not wrong."""
        return role in self.variants or role in self._broken

    def near(self, role: str) -> str | None:
        """The role that is meant: one that it begins with, such as `queue` of `queue_length`, or one spelt alike."""
        begins = [name for name in self.variants if role.startswith(f"{name}_")]
        alike = difflib.get_close_matches(role, self.variants, 1)
        return max(begins, key=len) if begins else next(iter(alike), None)

    def find(self, reference: str, origin: Origin) -> Signal | None:
        """One signal; a problem where the reference names none, or one of several."""
        role, _, variant = reference.partition(".")
        family = self.variants.get(role)
        if family is None:
            if role not in self._broken:
                near = self.near(role)
                hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(sorted(self.variants))}"
                self.names.add(origin, f"unknown signal {role!r}: {hint}", "unknown-signal")
            return None
        if variant in family:
            return family[variant]
        choices = ", ".join(f"{role}.{name}" for name in family if name) or role
        self.names.add(origin, f"{reference!r} is not one value: write {choices}", "unknown-signal")
        return None

    def family(self, reference: str, origin: Origin) -> tuple[Signal, ...]:
        """All signals that a panel's reference means: each quantile of `latency`, or the one."""
        role, _, variant = reference.partition(".")
        members = self.variants.get(role, {})
        if not variant and members and "" not in members:
            return tuple(signal for name, signal in members.items() if name != "mean")
        found = self.find(reference, origin)
        return (found,) if found else ()


def by_labels(by: Mapping[str, str], names: Names, origin: Origin) -> tuple[ByLabel, ...]:
    """A grouping; a reserved name is refused, because the static label would overwrite it."""
    out = []
    for name, source in by.items():
        if name in RESERVED or name == "le":
            message = f"{name!r} is reserved: give the label another name, such as by: {{series_{name}: {source}}}"
            names.add(origin, message, "reserved-label")
        out.append(ByLabel(name, names.known.labels.get(source, source)))
    return tuple(out)


def scoped(signal: Signal, scope: Scope, names: Names) -> Signal:
    """The signal with this environment's (or the dashboard's) matchers on every selector."""
    return replace(signal, measure=scope_measure(signal.measure, scope, names))


def scope_measure(what: Measure, scope: Scope, names: Names) -> Measure:
    """A measure with this scope's matchers on every selector."""
    if isinstance(what, sh.Expression):
        expr = promql.parse(what.text, version=names.version)
        return sh.Expression(promql.to_text(scope.rewrite(expr, names)))
    changed: dict[str, Any] = {}
    for key, value in _fields(what):
        if isinstance(value, promql.Selector):
            changed[key] = scope.apply(value, names)
        elif isinstance(value, tuple) and value and isinstance(value[0], promql.Selector):
            changed[key] = tuple(scope.apply(item, names) for item in value)
    return type(what)(**{name: changed.get(name, getattr(what, name)) for name in _field_names(type(what).__name__)})


def selectors(what: Measure) -> tuple[Selector, ...]:
    """Every selector of a measure, without the `up` that says which of its series are new."""
    out: list[Selector] = []
    for name, value in _fields(what):
        if name == "born":
            continue
        if isinstance(value, promql.Selector):
            out.append(value)
        elif isinstance(value, tuple):
            out += [item for item in value if isinstance(item, promql.Selector)]
    return tuple(out)


@functools.cache
def _field_names(kind: str) -> tuple[str, ...]:
    return names(getattr(sh, kind))


def _fields(what: Measure) -> Iterator[tuple[str, object]]:
    return ((name, getattr(what, name)) for name in _field_names(type(what).__name__))


def _lower(role: str, written: spec.SignalBase, origin: Origin, names: Names) -> Iterator[Signal]:
    by = by_labels(written.by, names, origin.at("by"))
    for variant, what, default_unit in _measures(written, origin, names):
        if not names.grouping(by, selectors(what), origin.at("by")):
            continue
        name = f"{role}.{variant}" if variant else role
        words = written.help or f"{role.replace('_', ' ').capitalize()}."
        yield Signal(name, what, by, written.unit or default_unit, words, origin)


def _measures(written: spec.SignalBase, origin: Origin, names: Names) -> Iterator[tuple[str, Measure, str | None]]:
    match written:
        case spec.RateSignal(rate=texts, window=window):
            yield from _rate(texts, "rate", window, origin.at("rate"), names)
        case spec.CountSignal(increase=texts, window=window):
            yield from _rate(texts, "increase", window, origin.at("increase"), names)
        case spec.RatioSignal():
            yield from _ratio(written, origin, names)
        case spec.HistogramSignal():
            yield from _histogram(written, origin.at("histogram"), names)
        case spec.SummarySignal(mean=text, window=window):
            yield from _mean(text, window, origin.at("mean"), names)
        case spec.GaugeSignal(gauge=text, how=how, over=over):
            if found := names.selector(text, origin.at("gauge"), _GAUGE):
                yield "", sh.Gauge(found, how, over), _unit(found, names)
        case spec.UsageSignal():
            yield from _usage(written, origin.at("usage"), names)
        case spec.AgeSignal(age=text):
            if found := names.selector(text, origin.at("age"), _GAUGE):
                yield "", sh.Age(found), "seconds"
        case spec.ExprSignal(expr=text):
            expr = names.expression(text, origin.at("expr"), "signal", written.unit)
            if expr and _keeps(expr, written.by, origin.at("by"), names):
                yield "", sh.Expression(promql.to_text(expr)), None
        case _:
            raise AssertionError(f"no such kind of signal: {type(written).__name__}")


def _keeps(expr: Expr, by: Mapping[str, str], origin: Origin, names: Names) -> bool:
    """Whether an expression of the user's own has the labels that the signal says it keeps."""
    kept = promql.result_labels(expr, names.labels_of)
    good = True
    for name, source in by.items():
        if name != source:
            message = (
                f"an expr is kept as it is: rename {source!r} inside it, with label_replace, and write by: [{name}]"
            )
            names.add(origin, message, "unknown-label")
        elif name not in kept:
            message = (
                f"the expression does not keep the label {name!r}: it has {', '.join(sorted(kept.names)) or 'none'}"
            )
            names.add(origin, message, "unknown-label")
        else:
            continue
        good = False
    return good


def _all(texts: tuple[str, ...], origin: Origin, names: Names) -> tuple[Selector, ...]:
    found = [names.selector(text, origin.at(i) if len(texts) > 1 else origin, _COUNTER) for i, text in enumerate(texts)]
    return tuple(item for item in found if item) if all(found) else ()


def _rate(
    texts: tuple[str, ...], operation: str, window: timedelta | None, origin: Origin, names: Names
) -> Iterator[tuple[str, Measure, str | None]]:
    sources = _all(texts, origin, names)
    if not sources:
        return
    base = _unit(sources[0], names) or "events"
    match operation:
        case "rate":
            yield "", sh.Rate(sources, "rate", window or WINDOW), f"{base}/s"
        case _:
            yield "", sh.Rate(sources, "increase", window or WINDOW), base


def _ratio(written: spec.RatioSignal, origin: Origin, names: Names) -> Iterator[tuple[str, Measure, str | None]]:
    ratio = written.ratio
    if ratio.bad is not None:
        sense, texts = "bad", ratio.bad
    elif ratio.good is not None:
        sense, texts = "good", ratio.good
    else:
        sense, texts = "part", ratio.part or ()
    part = _all(texts, origin.at("ratio", sense), names)
    total = _all(ratio.total, origin.at("ratio", "total"), names)
    if part and total:
        scale = written.per.value if written.per else Decimal(1)
        plain = _unit(part[0], names) == _unit(total[0], names) and scale == 1
        default = "ratio" if plain or sense != "part" else _unit(part[0], names)
        yield "", sh.Ratio(part, total, sense, written.window or WINDOW, scale), default  # type: ignore[arg-type]


def _histogram(
    written: spec.HistogramSignal, origin: Origin, names: Names
) -> Iterator[tuple[str, Measure, str | None]]:
    found = names.selector(written.histogram, origin, ("histogram",))
    if not found or found.name is None:
        return
    metric = names.metrics[found.name]
    window = written.window or WINDOW
    if metric.native and not names.reads_native(found.name, origin):
        return
    bucket = found if metric.native else replace(found, name=f"{found.name}_bucket")
    for q in written.quantiles:
        share = Decimal(str(q))
        yield (
            f"p{unit.number(share * 100).replace('.', '_')}",
            sh.Quantile(bucket, share, window, metric.buckets, metric.native),
            metric.unit,
        )
    yield from _mean(written.histogram, written.window, origin, names, "mean")


def _mean(
    text: str, window: timedelta | None, origin: Origin, names: Names, variant: str = ""
) -> Iterator[tuple[str, Measure, str | None]]:
    found = names.selector(text, origin, ("histogram", "summary"))
    if not found:
        return
    metric = names.lookup(found.name or "")
    if metric and metric.native:
        yield variant, sh.Mean(found, found, window or WINDOW, native=True), metric.unit
        return
    total = replace(found, name=f"{found.name}_sum")
    count = replace(found, name=f"{found.name}_count")
    yield variant, sh.Mean(total, count, window or WINDOW), _unit(found, names)


def _usage(written: spec.UsageSignal, origin: Origin, names: Names) -> Iterator[tuple[str, Measure, str | None]]:
    key = "used" if written.usage.used is not None else "free"
    text = written.usage.used or written.usage.free or ""
    used = names.selector(text, origin.at(key), _COUNTER if written.rated else _GAUGE)
    constant = unit.parse(written.usage.limit)
    limit: Selector | Decimal | None
    if constant:
        limit = constant.value
        if used and not unit.fits(constant, _unit(used, names)):
            message = f"{written.usage.limit!r} is no limit for {used.name}, which is in {_unit(used, names)}"
            names.add(origin.at("limit"), message, "wrong-unit")
    else:
        limit = names.selector(written.usage.limit, origin.at("limit"), _GAUGE)
    if used and limit is not None:
        yield "", sh.Usage(used, limit, written.how, written.rated, key == "free"), "ratio"


def _unit(selector: Selector, names: Names) -> str | None:
    metric = names.lookup(selector.name or "")
    return metric.unit if metric else None
