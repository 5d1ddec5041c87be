"""Baselines: a value measured in normal operation, and a note when the service is far off on the bad side."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from llmmon import unit
from llmmon.lower import text
from llmmon.lower.rule import rule
from llmmon.lower.rungs import has_unit
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import Alert, Signal
    from llmmon.problem import Origin
    from llmmon.spec import trends as spec

Side = Literal["above", "below"]
HOLD = timedelta(minutes=15)
_GOOD = re.compile(r"(?:^|_)(?:hit|hits|success|availability)(?:_|\.|$)")
_BETTER = {"above": "less", "below": "more"}  # by the side that is worse


def lower_baselines(place: Place) -> None:
    """An info alert per baseline and side that is worse."""
    for name, written in place.service.spec.baselines.items():
        origin = place.service.origin("baselines", name)
        found = place.signals.find(written.signal, origin.at("signal"))
        if found is None or not has_unit(written.value, found, origin.at("value"), place):
            continue
        signal = place.here(found)
        for side in _sides(written, signal, origin, place):
            made = _alert(name, written, side, signal, origin, place)
            if made:
                place.alerts.append(made)


def _sides(written: spec.Baseline, signal: Signal, origin: Origin, place: Place) -> tuple[Side, ...]:
    """Which sides are told; a problem where the worse one is open, or is the one on which all is well."""
    worse = _worse(signal)
    if written.worse is None and worse is None:
        message = f"is more or less of {signal.role} worse? Write worse: above, worse: below, or worse: both"
        place.names.add(origin, message, "baseline-direction")
        return ()
    if written.worse not in (None, worse) and worse is not None:
        message = f"of {signal.role} {_BETTER[worse]} is better: write worse: {worse}"
        place.names.add(origin.at("worse"), message, "baseline-direction")
        return ()
    chosen = written.worse or worse
    sides: tuple[Side, ...] = ("above", "below") if chosen == "both" else (chosen,) if chosen else ()
    if "below" in sides and written.tolerance.value >= 1:
        message = f"{written.tolerance.text} below a baseline is less than nothing: write a tolerance under 100%"
        place.names.add(origin.at("tolerance"), message, "wrong-tolerance")
        return ()
    return sides


def _worse(signal: Signal) -> Side | None:
    """The side that is bad whatever the service does; none where that is for the spec to say."""
    match signal.measure:
        case sh.Ratio(sense="good"):
            return "below"
        case sh.Ratio(sense="bad") | sh.Usage() | sh.Age():
            return "above"
        case sh.Quantile() | sh.Mean() if signal.unit == "seconds":
            return "above"
    return "below" if _GOOD.search(signal.role) and signal.unit in ("ratio", "percent") else None


def _alert(name: str, written: spec.Baseline, side: Side, signal: Signal, origin: Origin, place: Place) -> Alert | None:
    sign, compare = (1, ">") if side == "above" else (-1, "<")
    threshold = written.value.value * (1 + sign * written.tolerance.value)
    what: sh.Condition = sh.Above(threshold) if side == "above" else sh.Below(threshold)
    base = text.number(written.value.value, signal.unit)
    labels = text.labels(label.name for label in signal.by)
    return rule(
        place,
        name=f"{text.camel(name)}{side.capitalize()}Baseline",
        expression=f"{place.recorder.value(signal, signal.by)} {compare} {unit.number(threshold)}",
        shape=sh.Shape(signal.measure, signal.by, what),
        severity="info",
        category="capacity",
        hold=HOLD,
        keep=timedelta(0),
        summary=f"{text.words(name).capitalize()} of {place.scope.service} "
        f"{text.says(name, text.condition(what, signal.unit))}{labels}",
        description=f"The baseline is {base}, with {text.number(written.tolerance.value, 'ratio')} of tolerance. "
        f"Now {unit.humanize(signal.unit)}.",
        of=signal.unit,
        origin=origin,
    )
