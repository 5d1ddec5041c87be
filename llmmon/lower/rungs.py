"""Rungs: what an alert's verb sets for each severity, and the other thresholds of some label values."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import unit
from llmmon.plan import shapes as sh
from llmmon.plan.fleet import SEVERITIES, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from llmmon.lower.place import Place
    from llmmon.plan import Signal
    from llmmon.problem import Origin
    from llmmon.spec import alerts as spec

Rung = tuple[Severity, sh.Condition, tuple[sh.Where, ...]]


def rank(rung: Rung) -> int:
    return SEVERITIES.index(rung[0])


def rungs(written: spec.Alert, signal: Signal, origin: Origin, place: Place) -> Iterator[Rung]:
    patch = written.envs.get(place.environment.name)
    for verb, kind in (("above", sh.Above), ("below", sh.Below)):
        ladder = _ladder(written, verb)
        other = _steps(getattr(patch, verb, None), ladder, verb, origin.at("in", place.environment.name, verb), place)
        for severity, quantity in (ladder | other).items():
            if fits(quantity, signal, origin.at(verb), place):
                yield severity, kind(quantity.value), tuple(_exceptions(written, severity, kind, signal, origin, place))
    if written.above or written.below:
        return
    what = _condition(written, signal, origin, place)
    if what is not None:
        yield written.severity or "warning", what, ()


def _ladder(written: spec.Alert, verb: str) -> dict[Severity, unit.Quantity]:
    """The alert's thresholds by severity; empty where it has another condition."""
    alone = written.severity or "warning"
    return {step or alone: quantity for step, quantity in (getattr(written, verb) or {}).items()}


def _steps(
    given: Mapping[str, unit.Quantity] | None,
    ladder: Mapping[Severity, unit.Quantity],
    verb: str,
    origin: Origin,
    place: Place,
) -> dict[Severity, unit.Quantity]:
    """Other thresholds for the same ladder; one for a severity that the ladder does not have would be lost."""
    out: dict[Severity, unit.Quantity] = {}
    for step, quantity in (given or {}).items():
        severity = next((s for s in ladder if s == step or (not step and len(ladder) == 1)), None)
        if severity is not None:
            out[severity] = quantity
            continue
        wanted = " or ".join(f"{verb}: {{{s}: {quantity.text}}}" for s in ladder)
        hint = f"write {wanted}" if wanted else f"write {verb}: in the alert itself, which has none"
        said = f"{{{step}: {quantity.text}}}" if step else quantity.text
        message = f"{verb}: {said} changes nothing: {hint}"
        place.names.add(origin, message, "no-such-step")
    return out


def _condition(written: spec.Alert, signal: Signal, origin: Origin, place: Place) -> sh.Condition | None:
    if change := written.rises or written.drops:
        sign = 1 if written.rises else -1
        factor = change.times.value if change.times else 1 + sign * (change.by.value if change.by else Decimal(0))
        if written.rises and factor <= 1:
            message = "that is no rise: write by: more than 0%, or times: more than 1, such as 3"
            place.names.add(origin.at("rises"), message, "no-change")
            return None
        if written.drops and not 0 < factor < 1:
            message = "that is no drop: write by: between 0% and 100%, or times: less than 1, such as 0.5 for half"
            place.names.add(origin.at("drops"), message, "no-change")
            return None
        kind = sh.Rises if written.rises else sh.Drops
        return kind(factor, change.versus, change.mean)
    if found := written.deviates:
        if found.sigma:
            return sh.Deviates(found.sigma.value, found.over, found.floor.value)
        return sh.Strays(found.by.value if found.by else Decimal(0), found.over)
    if growth := written.grows:
        good = fits(growth.more_than, signal, origin.at("grows", "more_than"), place)
        return sh.Grows(growth.more_than.value, growth.within) if good else None
    if fill := written.fills_in:
        good = fits(fill.limit, signal, origin.at("fills_in", "limit"), place)
        return sh.FillsIn(fill.limit.value, fill.within, fill.trend) if good else None
    if written.stale is not None:
        if isinstance(signal.measure, sh.Age):
            return sh.Stale(written.stale)
        place.names.add(
            origin.at("stale"), "only the age of something can be stale: use a signal with age:", "not-an-age"
        )
        return None
    return sh.Absent()


def _exceptions(
    written: spec.Alert,
    severity: Severity,
    kind: type[sh.Above | sh.Below],
    signal: Signal,
    origin: Origin,
    place: Place,
) -> Iterator[sh.Where]:
    verb = "above" if kind is sh.Above else "below"
    kept = {label.name for label in signal.by}
    for index, item in enumerate(written.where):
        place_of = origin.at("where", index)
        _distinct(item, written.where[:index], place_of, place)
        other = "below" if kind is sh.Above else "above"
        _steps(getattr(item, other), {}, other, place_of.at(other), place)
        quantity = _steps(getattr(item, verb), _ladder(written, verb), verb, place_of.at(verb), place).get(severity)
        for label in item.labels:
            if label not in kept:
                near = difflib.get_close_matches(label, kept, 1)
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else f"the signal keeps {', '.join(sorted(kept)) or 'no label'}"
                )
                place.names.add(place_of.at(label), f"where: the alert has no label {label!r}: {hint}", "unknown-label")
                return
        if quantity is not None and fits(quantity, signal, place_of.at(verb), place):
            yield sh.Where(tuple(item.labels.items()), kind(quantity.value))


def _distinct(item: spec.Where, before: Sequence[spec.Where], origin: Origin, place: Place) -> None:
    """Two thresholds for one series would both hold, and the lower one would win unseen."""
    for other in before:
        common = item.labels.keys() & other.labels.keys()
        if all(item.labels[label] == other.labels[label] for label in common):
            one, two = (", ".join(f"{k}: {v}" for k, v in each.labels.items()) for each in (other, item))
            message = f"where: one series can be {{{one}}} and {{{two}}}, and has two thresholds then: {_apart(common)}"
            place.names.add(origin, message, "overlapping-where")
            return


def _apart(common: Collection[str]) -> str:
    label = min(common, default=None)
    return f"tell them apart by {label}" if label else "name the same labels in both, with other values"


def fits(quantity: unit.Quantity, signal: Signal, origin: Origin, place: Place) -> bool:
    if unit.fits(quantity, signal.unit):
        return True
    unlike = f"{quantity.text!r} cannot be compared with {signal.role}, which is in {signal.unit or 'no unit'}"
    message = f"{unlike}: write it like {_like(signal.unit)}"
    place.names.add(origin, message, "wrong-unit")
    return False


def has_unit(quantity: unit.Quantity, signal: Signal, origin: Origin, place: Place) -> bool:
    """Fits, and is no bare number where the signal has a unit: 45 of what?"""
    wanted = unit.dimension(signal.unit)
    if quantity.dimension != "count" or wanted == "count":
        return fits(quantity, signal, origin, place)
    message = f"{quantity.text} has no unit: {signal.role} is in {signal.unit}, so write it like {_like(signal.unit)}"
    place.names.add(origin, message, "no-unit")
    return False


_LIKE: dict[unit.Dimension, str] = {"seconds": "45ms", "bytes": "90GiB", "ratio": "85%", "rate": "1000/s"}


def _like(of: str | None) -> str:
    wanted = unit.dimension(of)
    return "500" if wanted == "count" else _LIKE.get(wanted, f"500 {of}")
