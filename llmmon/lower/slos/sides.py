"""Bad and total of an objective as PromQL: two series of rates, or of moments, that longer windows add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from llmmon import duration, unit
from llmmon.classes import frozen
from llmmon.lower import expressions as ex
from llmmon.lower.slos.objective import BASE
from llmmon.plan import shapes as sh
from llmmon.plan.indicators import of_events

if TYPE_CHECKING:
    from datetime import timedelta

    from llmmon.lower.slos.objective import Objective
    from llmmon.plan import Signal

_MOMENTS = "time"  # what series of moments are named after, where rates have their window


@frozen
class Sides:
    """Selectors of what is recorded; `rate` is the window of a rate, whose quotient is a ratio already."""

    bad: str
    total: str
    rate: timedelta | None


def record(objective: Objective, parts: dict[str, Objective]) -> Sides:
    """The recording rules of both sides; `parts` are the other objectives, which a composite adds up."""
    what = objective.found.what
    match what:
        case sh.Slices(inner):
            return _slices(objective, what, _plain(objective, inner))
        case sh.Composite():
            return _composite(objective, what, parts)
        case _:
            return _plain(objective, what)


def operation(what: sh.Indicator) -> str:
    """What the series of both sides end with: `rate5m`, `time`, `slice10m`."""
    match what:
        case sh.Slices(_, width):
            return f"slice{duration.text(width)}"
        case sh.Ratio(window=window) | sh.Slower(window=window):
            return f"rate{duration.text(window)}"
    return "rate5m" if of_events(what) else _MOMENTS


def _plain(objective: Objective, what: sh.Ratio | sh.Pair | sh.Slower | sh.Raw | sh.Timed) -> Sides:
    by, tail = objective.found.by, operation(what)
    match what:
        case sh.Ratio(part, whole, sense, window):
            total = ex.summed(whole, by, "rate", window)
            bad = _bad(ex.summed(part, by, "rate", window), total, sense)
        case sh.Pair(_, _, sense):
            part_, whole_ = objective.found.signals
            total = _value(objective, whole_)
            bad = _bad(_value(objective, part_), total, sense)
        case sh.Slower(histogram, limit, window):
            rates = ex.summed((histogram,), by, "rate", window)
            total = f"histogram_count({rates})"
            bad = f"(1 - histogram_fraction(-Inf, {unit.number(limit)}, {rates})) * ({total} > 0) or 0 * {total}"
        case sh.Raw(_, sense):
            share = f"clamp_max({_value(objective, objective.found.signals[0])} >= 0, 1)"  # NaN is no share
            return _moments(objective, share if sense == "bad" else f"1 - {share}", tail)
        case sh.Timed(_, side, limit):
            known = f"({_value(objective, objective.found.signals[0])} >= -Inf)"  # NaN is neither good nor bad
            return _moments(objective, f"{known} {'<=' if side == 'above' else '>='} bool {unit.number(limit)}", tail)
        case _:
            assert_never(what)
    bad = objective.record(f"bad:{tail}", bad, first=True)
    rate = what.window if isinstance(what, sh.Ratio | sh.Slower) else BASE
    return Sides(bad, objective.record(f"total:{tail}", total, first=True), rate)


def _bad(part: str, total: str, sense: str) -> str:
    """Without the first event of its kind there is no series of the part yet."""
    part = f"({part} or 0 * {total})"
    return part if sense == "bad" else f"{total} - {part}"


def _moments(objective: Objective, bad: str, tail: str) -> Sides:
    """Each moment in which there is a value counts as one."""
    bad = objective.record(f"bad:{tail}", bad, first=True)
    return Sides(bad, objective.record(f"total:{tail}", f"{bad} >= bool 0", first=True), None)


def _slices(objective: Objective, what: sh.Slices, inner: Sides) -> Sides:
    """At each moment, whether the slice that ends there is bad; one without events is none."""
    width = duration.text(what.width)
    if inner.rate == what.width:
        share = f"{inner.bad} / ({inner.total} > 0)"
    else:
        share = f"sum_over_time({inner.bad}[{width}]) / (sum_over_time({inner.total}[{width}]) > 0)"
    return _moments(objective, f"{share} > bool {unit.number(what.allowed)}", operation(what))


def _composite(objective: Objective, what: sh.Composite, parts: dict[str, Objective]) -> Sides:
    named = objective.written.parts or {}
    tail = operation(what)

    def added(side: str) -> str:
        terms = [f"{unit.number(weight)} * {_of_part(parts[name], side)}" for name, weight in named.items()]
        return ex.aggregated("sum", " or ".join(terms), objective.found.by)

    bad = objective.record(f"bad:{tail}", added("bad"), first=True)
    total = objective.record(f"total:{tail}", added("total"), first=True)
    return Sides(bad, total, BASE if of_events(what) else None)


def _of_part(part: Objective, side: str) -> str:
    return part.text(f"{side}:{operation(part.found.what)}")


def _value(objective: Objective, signal: Signal) -> str:
    """A value as it is written, not as it is recorded: what reads another group's series is late."""
    text = ex.measure(signal.measure, objective.found.by)
    return f"({text})" if isinstance(signal.measure, sh.Expression) else text
