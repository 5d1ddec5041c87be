"""An alert for each thing that objectives count and that is gone: without it they are blind, and look healthy."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import promql, slo
from llmmon.lower import text
from llmmon.lower.rule import rule
from llmmon.lower.signals import selectors
from llmmon.lower.slos.objective import BASE
from llmmon.plan import shapes as sh
from llmmon.plan.fleet import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.lower.place import Place
    from llmmon.lower.slos.objective import Objective

ALERT = "SLOMetricAbsent"


def absent(objectives: Iterable[Objective], place: Place) -> None:
    """One alert for each total, however many objectives count it; none where the spec watches it already."""
    known = set(_watched(place))
    shared: dict[tuple[str, ...], list[Objective]] = {}
    for objective in objectives:
        if objective.written.absent and (total := _total(objective.found.what)):
            shared.setdefault(_series(total), []).append(objective)
    for series, counting in shared.items():
        if series not in known:
            _alert(counting, place)


def _alert(counting: list[Objective], place: Place) -> None:
    first = counting[0]
    total = _total(first.found.what)
    assert total is not None
    severities = [one.written.absent for one in counting if one.written.absent]
    names = " and ".join(one.name for one in counting)
    whose = f"objectives {names} count" if len(counting) > 1 else f"objective {names} counts"
    made = rule(
        place,
        name=ALERT,
        expression=" and on () ".join(f"absent({value})" for value in _series(total)),
        shape=sh.Shape(total, (), sh.Absent()),
        severity=min(severities, key=SEVERITIES.index),
        category="meta",
        hold=min(slo.told_after(one.written.window, 1 - one.written.objective) for one in counting),
        keep=timedelta(0),
        summary=f"{place.scope.service}: nothing is there of what the {whose}",
        description=f"{text.go_literal(first.found.help)} Without the series there is no error ratio and no alert.",
        of=None,
        origin=first.origin,
        variant=f"{first.name}-absent",
        board="objectives",
        slo=first.name,
    )
    if made:
        place.alerts.append(made)


def _total(what: sh.Indicator) -> sh.Measure | None:
    """What is counted, good and bad; None where other objectives say so already."""
    match what:
        case sh.Ratio(total=total, window=window):
            return sh.Rate(total, "rate", window)
        case sh.Pair(total=whole):
            return _read(whole)
        case sh.Slower(histogram):
            return sh.Gauge(histogram, "max")
        case sh.Raw(value) | sh.Timed(value):
            return _read(value)
        case sh.Slices(inner):
            return _total(inner)
    return None


def _read(what: sh.Measure) -> sh.Measure | None:
    """Of an expression all that it reads: a part of it may begin with its first event."""
    if not isinstance(what, sh.Expression):
        return what
    nodes = (node for node in promql.walk(promql.parse(what.text)) if isinstance(node, promql.Selector))
    bare = {promql.to_text(one): one for one in (promql.Selector(node.name, node.matchers) for node in nodes)}
    return sh.Rate(tuple(bare.values()), "rate", BASE) if bare else None


def _series(total: sh.Measure) -> tuple[str, ...]:
    """What must be there; of a ratio the whole, because a part without events has no series yet."""
    if isinstance(total, sh.Ratio):
        return tuple(map(promql.to_text, total.total))
    found = selectors(total)
    return tuple(map(promql.to_text, found if isinstance(total, sh.Rate) else found[:1]))


def _watched(place: Place) -> Iterator[tuple[str, ...]]:
    """What alerts of the spec say is missing."""
    for alert in place.service.spec.alerts.values():
        if alert.absent and alert.signal and not alert.off:
            role, _, variant = alert.signal.partition(".")
            signal = place.signals.variants.get(role, {}).get(variant)
            if signal and (what := _read(place.here(signal).measure)):
                yield _series(what)
