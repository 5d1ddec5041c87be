"""Baselines: a value measured in normal operation, and a note when the service is far off on the bad side."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import unit
from llmmon.lower import text
from llmmon.lower.rule import rule
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import Signal

HOLD = timedelta(minutes=15)
_GOOD = re.compile(r"(?:^|_)(?:hit|hits|success|availability)(?:_|\.|$)")


def lower_baselines(place: Place) -> None:
    """One info alert per baseline, in the direction that is worse."""
    for name, written in place.service.spec.baselines.items():
        origin = place.service.origin("baselines", name)
        found = place.signals.find(written.signal, origin.at("signal"))
        if found is None:
            continue
        signal = place.here(found)
        if not unit.fits(written.value, signal.unit):
            message = f"{written.value.text!r} cannot be compared with {signal.role}, which is in {signal.unit}"
            place.names.add(origin.at("value"), message, "wrong-unit")
            continue
        better = _better(signal)
        if better == written.worse:
            other = "below" if better == "above" else "above"
            message = f"of {signal.role} {'more' if better == 'above' else 'less'} is better: write worse: {other}"
            place.names.add(origin.at("worse"), message, "baseline-direction")
            continue
        sign = 1 if written.worse == "above" else -1
        threshold = written.value.value * (1 + sign * written.tolerance.value)
        what: sh.Condition = sh.Above(threshold) if sign > 0 else sh.Below(threshold)
        value = place.recorder.value(signal, signal.by)
        compare = ">" if sign > 0 else "<"
        base = text.number(written.value.value, signal.unit)
        labels = text.labels(label.name for label in signal.by)
        made = rule(
            place,
            name=f"{text.camel(name)}{text.camel(written.worse)}Baseline",
            expression=f"{value} {compare} {unit.number(threshold)}",
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
        if made:
            place.alerts.append(made)


def _better(signal: Signal) -> str | None:
    """Which side of its baseline is the good one, where the signal says so."""
    match signal.measure:
        case sh.Ratio(sense="good"):
            return "above"
        case sh.Ratio(sense="bad"):
            return "below"
    return "above" if _GOOD.search(signal.role) and signal.unit in ("ratio", "percent") else None
