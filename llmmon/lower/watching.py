"""The expression of an alert on a signal: the value, its condition, exceptions and guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql, unit
from llmmon.lower import expressions as ex
from llmmon.lower.recorder import looks_back
from llmmon.lower.rungs import fits
from llmmon.lower.signals import by_labels, selectors
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel, Signal
    from llmmon.problem import Origin
    from llmmon.spec import alerts as spec
    from llmmon.spec.signals import By
    from llmmon.spec.slos import SLO
    from llmmon.spec.trends import Trend


def regrouped(signal: Signal, by: By | None, origin: Origin, place: Place) -> tuple[ByLabel, ...] | None:
    """The signal's own grouping or another one; None where there can be no such series."""
    if by is None:
        return signal.by
    labels = by_labels(by, place.names, origin.at("by"))
    if not place.names.grouping(labels, selectors(signal.measure), origin.at("by")):
        return None
    if isinstance(signal.measure, sh.Expression) and labels != signal.by:
        message = f"{signal.role} is an expression of its own, which by: cannot regroup: leave it out"
        place.names.add(origin.at("by"), message, "fixed-grouping")
        return None
    return labels


def expression(
    signal: Signal,
    by: tuple[ByLabel, ...],
    what: sh.Condition,
    exceptions: tuple[sh.Where, ...],
    guard: sh.Guard | None,
    place: Place,
) -> str:
    plain = isinstance(signal.measure, sh.Gauge | sh.Age) and not exceptions and looks_back(what) is None
    if isinstance(what, sh.Absent):
        value = _watched(signal.measure, by)
    elif plain:
        value = ex.measure(signal.measure, by)
    else:
        value = place.recorder.value(signal, by)
    whole = ex.condition(value, what)
    if exceptions:
        whole = _with_exceptions(place, value, what, exceptions)
    if guard:
        whole = f"({whole})" if exceptions else whole
        common = sorted({label.name for label in by} & {label.name for label in guard.by})
        whole = f"{whole} and on ({', '.join(common)}) {guard_text(guard, place)}"
    return whole


def _watched(what: sh.Measure, by: tuple[ByLabel, ...]) -> str:
    """What must not be missing: of a ratio the whole, because a part without events has no series yet."""
    if isinstance(what, sh.Ratio):
        return promql.to_text(what.total[0])
    found = selectors(what)
    return promql.to_text(found[0]) if found else ex.measure(what, by)


def _with_exceptions(place: Place, value: str, what: sh.Condition, exceptions: tuple[sh.Where, ...]) -> str:
    rest = promql.parse(value, version=place.names.version)
    assert isinstance(rest, promql.Selector)
    name, base = rest.name or "", {matcher.label: matcher.value for matcher in rest.matchers}
    single = [item.labels[0] for item in exceptions if len(item.labels) == 1]
    rest.matchers = rest.matchers + tuple(promql.Matcher(label, "!=", value) for label, value in single)
    general = promql.to_text(rest)
    for item in exceptions:
        if len(item.labels) > 1:
            general = f"({general} unless {promql.selector(name, {**base, **dict(item.labels)})})"
    parts = [ex.condition(general, what)]
    parts += [ex.condition(promql.selector(name, {**base, **dict(i.labels)}), i.condition) for i in exceptions]
    return " or ".join(parts)


def lower_guard(
    written: spec.Alert | SLO | Trend, by: tuple[ByLabel, ...], origin: Origin, place: Place
) -> sh.Guard | None:
    """The signal that must be above a floor too."""
    if written.guard is None:
        return None
    found = place.signals.find(written.guard.signal, origin.at("guard", "signal"))
    if found is None or not fits(written.guard.above, found, origin.at("guard", "above"), place):
        return None
    signal = place.here(found)
    kept = tuple(label for label in signal.by if label in by)
    return sh.Guard(signal.measure, kept, written.guard.above.value)


def guard_text(guard: sh.Guard, place: Place) -> str:
    """A guard as PromQL: `service:requests:rate5m{...} > 0.1`."""
    if isinstance(guard.measure, sh.Gauge | sh.Age):
        value = ex.measure(guard.measure, guard.by)
    else:
        signal = next(s for s in place.scoped_signals.values() if s.measure == guard.measure)
        value = place.recorder.value(signal, guard.by)
    return f"{value} > {unit.number(guard.above)}"
