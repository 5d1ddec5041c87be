"""What an objective's signal counts: events of a ratio, fast answers, or the time in which something holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import preset
from llmmon.classes import replace
from llmmon.lower.alerts import category_of
from llmmon.lower.rungs import fits
from llmmon.lower.slos.grouping import grouping, of_value, read
from llmmon.lower.slos.latency import latency
from llmmon.lower.slos.objective import BASE, Found
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel, Signal
    from llmmon.problem import Origin
    from llmmon.spec import slos as spec


def indicator(name: str, written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    """What counts as bad and as all; None where the signal cannot say, which is said."""
    found = _indicator(name, written, origin, place)
    if found is None or written.slice is None:
        return found
    return _sliced(found, written, origin, place)


def _indicator(name: str, written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    if written.total is not None:
        return _pair(written, origin, place)
    reference = written.signal or name
    at = origin.at("signal") if written.signal else origin
    if not _is_filled(reference, written, at, place):
        return None
    if written.within is not None:
        return latency(reference, at, written, origin, place)
    found = place.signals.find(reference, at)
    if found is None:
        return None
    signal = place.here(found)
    if written.raw is not None:
        return _raw(signal, written, origin, place)
    if written.above is not None or written.below is not None:
        return _timed(signal, written, origin, place)
    return _ratio(signal, written, at, origin, place)


def _is_filled(reference: str, written: spec.SLO, at: Origin, place: Place) -> bool:
    """Whether a signal of that name is there; a role that presets could fill is said with their names."""
    role = reference.partition(".")[0]
    if place.signals.has(role):
        return True
    brought = [one for one in preset.names() if role in (preset.load(one).data.get("signals") or {})]  # type: ignore[operator]
    if not brought and (written.signal or place.signals.near(role)):
        return True  # an unknown signal, which the one that looks for it says
    if not brought:
        usual = "errors" if place.signals.has("errors") else "NAME"
        message = f"unknown signal {role!r}: an objective of another name than its signal says which: signal: {usual}"
        place.names.add(at, message, "unknown-signal")
        return False
    message = f"nothing fills the role {role!r}, which this objective needs: use a preset that brings it "
    message += f"({', '.join(brought)}), or write it under signals:"
    place.names.add(at, message, "unfilled-role")
    return False


def _ratio(signal: Signal, written: spec.SLO, at: Origin, origin: Origin, place: Place) -> Found | None:
    what = signal.measure
    if not isinstance(what, sh.Ratio) or what.sense == "part":
        message = f"{signal.role} is no ratio of bad or good events: write ratio: {{bad: ..., total: ...}}, or say "
        message += "what is good of it: above:, below:, within: or raw:"
        place.names.add(at, message, "not-a-ratio")
        return None
    by = grouping(written, (what,), origin, place)
    if by is None:
        return None
    what = replace(what, window=BASE, scale=Decimal(1))
    category = "latency" if signal.role.startswith("latency") else "availability"
    return Found(what, what, by, category, signal.help)


def _pair(written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    sense = "bad" if written.bad is not None else "good"
    part = _per_second(written.bad or written.good or "", origin.at(sense), place)
    total = _per_second(written.total or "", origin.at("total"), place)
    if part is None or total is None:
        return None
    words = f"Share of {text_of(part, sense)}."
    one, two = part.measure, total.measure
    if isinstance(one, sh.Rate) and isinstance(two, sh.Rate):
        by = grouping(written, (one, two), origin, place)
        ratio = sh.Ratio(one.sources, two.sources, sense, BASE, Decimal(1))  # type: ignore[arg-type]
        return None if by is None else Found(ratio, ratio, by, "availability", words)
    by = _as_both(part, total, written, origin, place)
    if by is None:
        return None
    pair = sh.Pair(one, two, sense)  # type: ignore[arg-type]
    return Found(pair, one, by, "availability", words, (part, total))


def text_of(signal: Signal, sense: str) -> str:
    """`bad events: Requests that failed`."""
    return f"{sense} events: {signal.help.rstrip('.')}"


def _per_second(reference: str, at: Origin, place: Place) -> Signal | None:
    found = place.signals.find(reference, at)
    if found is None:
        return None
    signal = place.here(found)
    match signal.measure:
        case sh.Rate(operation="rate") as rate:
            return replace(signal, measure=replace(rate, window=BASE))
        case sh.Expression():
            return signal
    message = f"{reference} does not say how many events there are per second: name a signal with rate: or expr:"
    place.names.add(at, message, "not-a-rate")
    return None


def _as_both(
    part: Signal, total: Signal, written: spec.SLO, origin: Origin, place: Place
) -> tuple[ByLabel, ...] | None:
    """An expression keeps the labels that it keeps; both sides must have the same, or none would meet."""
    fixed = [signal for signal in (part, total) if isinstance(signal.measure, sh.Expression)]
    by = fixed[0].by
    if any(signal.by != by for signal in fixed):
        message = f"{part.role} and {total.role} keep different labels: write the same by: for both"
        place.names.add(origin.at("total"), message, "fixed-grouping")
        return None
    rest = [signal.measure for signal in (part, total) if signal not in fixed]
    kept = of_value(fixed[0], written, origin, place)
    return kept if kept is not None and place.names.grouping(by, read(rest), origin.at("total")) else None


def _raw(signal: Signal, written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    assert written.raw is not None
    if signal.unit not in ("ratio", None, "1"):
        message = (
            f"{signal.role} is in {signal.unit}, and raw: is for a share between 0 and 1: write unit: ratio there, "
        )
        message += "or say with above: or below: what is good"
        place.names.add(origin.at("raw"), message, "not-a-share")
        return None
    by = of_value(signal, written, origin, place)
    if by is None:
        return None
    return Found(sh.Raw(signal.measure, written.raw), signal.measure, by, _category(signal), signal.help, (signal,))


def _timed(signal: Signal, written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    side = "above" if written.above is not None else "below"
    limit = written.above or written.below
    assert limit is not None
    by = of_value(signal, written, origin, place)
    if by is None or not fits(limit, signal, origin.at(side), place):
        return None
    what = sh.Timed(signal.measure, side, limit.value)  # type: ignore[arg-type]
    return Found(what, signal.measure, by, _category(signal), signal.help, (signal,))


def _sliced(found: Found, written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    """Counters are rated over a slice at once; expressions and shares of moments are added up over it."""
    assert written.slice is not None
    width = written.slice.width
    if place.is_short(width, origin.at("slice")):
        return None
    what = found.what
    assert not isinstance(what, sh.Slices | sh.Composite)
    if isinstance(what, sh.Ratio | sh.Slower):
        what = replace(what, window=width)
    allowed = 1 - (written.slice.target or written.objective)
    return replace(found, what=sh.Slices(what, width, allowed))


def _category(signal: Signal) -> str:
    found = category_of(signal)
    return found if found in ("latency", "saturation", "quality", "cost") else "availability"
