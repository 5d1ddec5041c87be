"""Objectives: event-weighted error ratios over every window, and one burn-rate alert per window pair.

Bad and total are recorded separately at 5m; longer windows are sums of both, divided last. A mean of ratios would
weigh a night's ten requests like a day's million.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql, slo, unit
from llmmon.lower import expressions as ex
from llmmon.lower import text
from llmmon.lower.rule import rule
from llmmon.lower.watching import guard_text, lower_guard
from llmmon.plan import Signal
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.problem import Origin
    from llmmon.spec import slos as spec

ALERT = "SLOErrorBudgetBurn"
_BASE = timedelta(minutes=5)
_UNREADY = ("snap", "total", "raw", "above", "below", "slice", "parts", "by", "revision")
_SHOWN = timedelta(hours=1)  # what panels show of the error ratio


def lower_slos(place: Place) -> None:
    """Recording rules and burn-rate alerts of every objective, and signals for panels."""
    for name, written in place.service.spec.slos.items():
        origin = place.service.origin("slos", name)
        if unready := [key for key in _UNREADY if getattr(written, key)]:
            place.names.add(origin.at(unready[0]), f"{unready[0]}: cannot be compiled yet: leave it out", "not-yet")
            continue
        sides = _sides(name, written, origin, place)
        if sides is not None:
            _one(name, written, sides, origin, place)


@dataclasses.dataclass(frozen=True, slots=True)
class _Sides:
    """Texts of the rates of bad events and of all events, and the measure that tests work from."""

    bad: str
    total: str
    measure: sh.Ratio
    category: str
    help: str


def _sides(name: str, written: spec.SLO, origin: Origin, place: Place) -> _Sides | None:
    reference = written.signal or name
    place_of = origin.at("signal") if written.signal else origin
    if written.within is None:
        found = place.signals.find(reference, place_of)
        return _ratio_sides(place.here(found), place_of, place) if found else None
    members = place.signals.family(reference, place_of)
    if not members:
        return None
    signal = place.here(members[0])
    if not isinstance(signal.measure, sh.Quantile):
        place.names.add(origin.at("within"), f"within needs a histogram; {reference} is none", "not-a-histogram")
        return None
    return _latency_sides(written, signal, signal.measure, origin, place)


def _ratio_sides(signal: Signal, origin: Origin, place: Place) -> _Sides | None:
    what = signal.measure
    if not isinstance(what, sh.Ratio) or what.sense == "part":
        message = f"{signal.role} is no ratio of bad or good events: an objective needs ratio: {{bad: ..., total: ...}}"
        place.names.add(origin, message, "not-a-ratio")
        return None
    total = ex.summed(what.total, (), "rate", what.window)
    part = f"({ex.summed(what.part, (), 'rate', what.window)} or 0 * {total})"
    bad = part if what.sense == "bad" else f"{total} - {part}"
    category = "latency" if signal.role.startswith("latency") else "availability"
    return _Sides(bad, total, what, category, signal.help)


def _latency_sides(written: spec.SLO, signal: Signal, what: sh.Quantile, origin: Origin, place: Place) -> _Sides | None:
    assert written.within is not None
    limit = written.within.value
    if not unit.fits(written.within, signal.unit):
        place.names.add(origin.at("within"), f"{written.within.text!r} is not in {signal.unit}", "wrong-unit")
        return None
    if limit not in what.buckets:
        below = max((b for b in what.buckets if b < limit), default=None)
        above = min((b for b in what.buckets if b > limit), default=None)
        near = " or ".join(text.number(b, signal.unit) for b in (below, above) if b is not None)
        message = f"{written.within.text} is no bucket boundary of {what.bucket.name}: write {near}"
        place.names.add(origin.at("within"), message, "off-bucket")
        return None
    base = (what.bucket.name or "").removesuffix("_bucket")
    count = dataclasses.replace(what.bucket, name=f"{base}_count")
    fast = dataclasses.replace(
        what.bucket, matchers=(*what.bucket.matchers, promql.Matcher("le", "=~", ex.bound(limit)))
    )
    total = ex.summed((count,), (), "rate", what.window)
    good = f"({ex.summed((fast,), (), 'rate', what.window)} or 0 * {total})"
    measure = sh.Ratio((fast,), (count,), "good", what.window, Decimal(1))
    return _Sides(f"{total} - {good}", total, measure, "latency", f"Share of events slower than {written.within.text}.")


def _one(name: str, written: spec.SLO, sides: _Sides, origin: Origin, place: Place) -> None:
    recorder, budget = place.recorder, 1 - written.objective
    chosen = slo.pairs(written.window, budget)
    if not chosen:
        over = duration.text(written.window)
        message = f"{over} is too short: an objective would be missed before anybody is told; write 3d or more"
        place.names.add(origin.at("window"), message, "short-window")
        return
    bundle = f"slo/{name}"

    def record(series: str, expression: str) -> str:
        recorder.add(series, expression, None, bundle, (), origin, slo=name)
        return recorder.text(series, slo=name)

    bad = record("service:slo_bad:rate5m", sides.bad)
    total = record("service:slo_total:rate5m", sides.total)

    def ratio(window: timedelta) -> str:
        series = f"service:slo_errors_ratio:rate{duration.text(window)}"
        if window == _BASE:
            return record(series, f"{bad} / ({total} > 0)")
        over = duration.text(window)
        return record(series, f"sum_over_time({bad}[{over}]) / (sum_over_time({total}[{over}]) > 0)")

    texts = {window: ratio(window) for window in slo.windows(chosen)}
    ratio(_SHOWN)
    left = f"1 - {ratio(written.window)} / {unit.number(budget)}"
    record(f"service:slo_budget_left_ratio:rate{duration.text(written.window)}", left)
    _signals(name, written, origin, place)
    guard = lower_guard(written, (), origin, place)
    floor = f" and on () {guard_text(guard, place)}" if guard else ""
    for pair in chosen:
        factor = pair.factor(written.window)
        limit = unit.number(factor * budget)
        burn = sh.Burn(factor, pair.long, pair.short, budget)
        objective = unit.number(written.objective * 100)
        words = f"{place.scope.service} {text.condition(burn, None)} (objective {name}, {objective}%)"
        alert = rule(
            place,
            name=ALERT,
            expression=f"{texts[pair.long]} > {limit} and {texts[pair.short]} > {limit}{floor}",
            shape=sh.Shape(sides.measure, (), burn, guard),
            severity=pair.severity,
            category=sides.category,
            hold=pair.hold,
            keep=timedelta(0),
            summary=text.go_literal(written.summary or words[:1].upper() + words[1:]),
            description=f"{text.go_literal(sides.help)} Now {unit.humanize('ratio')} of events are bad over "
            f"{duration.text(pair.long)}; the objective allows {unit.number(budget * 100)}% over "
            f"{duration.text(written.window)}.",
            of="ratio",
            origin=origin,
            variant=f"{name}-{pair.name}",
            slo=name,
            window=duration.text(pair.long),
        )
        if alert:
            place.alerts.append(alert)


def _signals(name: str, written: spec.SLO, origin: Origin, place: Place) -> None:
    """What panels may show: `slo_availability.left`, `slo_availability.errors`."""
    over = duration.text(written.window)
    for variant, series, words in (
        ("left", f"service:slo_budget_left_ratio:rate{over}", f"Error budget left of {name}, over {over}."),
        (
            "errors",
            f"service:slo_errors_ratio:rate{duration.text(_SHOWN)}",
            f"Share of bad events for {name}, over {duration.text(_SHOWN)}.",
        ),
    ):
        role = f"slo_{name}.{variant}"
        measure = sh.Expression(place.recorder.text(series, slo=name))
        place.signals.variants.setdefault(f"slo_{name}", {})[variant] = Signal(
            role, measure, (), "ratio", words, origin
        )
        place.recorder.named[role] = (series, {"slo": name})
