"""An alert's test groups, from its shape."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from llmmon.plan import shapes as sh

from . import model, scenario
from .group import Group, Seen, measured_at, states_at, whole_at
from .labels import Member, members
from .own import own_groups
from .presence import presence_groups
from .scenario import CannotFire, Case
from .series import EVENTS, Maker, cells, decoys, spending
from .track import Scenario, Stretch, fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmmon.plan import Alert, Fleet, Service

    from .track import Track

_ROOM = 4  # how far above a guard's floor the traffic of a test is


def groups(
    alert: Alert, siblings: Sequence[Alert], fleet: Fleet, service: Service, environment: str
) -> Iterator[Group]:
    """The tests of one alert. CannotFire or Unsatisfiable where there can be none."""
    shape = alert.shape
    match shape.condition if shape else None:
        case None | sh.Free():
            pass
        case sh.Absent() | sh.ReplicaDown():
            yield from presence_groups(alert, service)
        case _:
            yield from _Proof(alert, siblings, service).groups()
    yield from own_groups(alert, fleet, service, environment)


class _Proof:
    def __init__(self, alert: Alert, siblings: Sequence[Alert], service: Service) -> None:
        assert alert.shape is not None
        self.alert, self.shape, self.service = alert, alert.shape, service
        shape = alert.shape
        self.measure = _with_buckets(shape.measure, shape.condition)
        guard = shape.guard
        others = (guard.measure,) if guard else ()
        self.clock = scenario.clock(self.measure, shape.condition, alert.hold, others)
        budget = isinstance(shape.condition, sh.Budget)
        self.cells = spending(self.measure, shape.condition) if budget else cells(self.measure, self.clock)
        self.guard_cells = cells(guard.measure, self.clock) if guard else ()
        names = {cell.selector.name for cell in self.cells}
        self.shared = any(cell.selector.name in names for cell in self.guard_cells)
        self.ceiling, self.lowest = _ceiling(alert, shape, siblings)
        self.selectors = [cell.selector for cell in self.cells]

    def groups(self) -> Iterator[Group]:
        maker = Maker(self.service.metrics, self.clock)
        everyone = members(self.shape, self.selectors, maker)
        busy = self._scenarios(everyone)
        yield self._group(maker, everyone, busy, self.alert.id, guarded=True)
        if self.shape.guard:
            idle = self._idle(busy[:1])
            if idle is not None:
                maker = Maker(self.service.metrics, self.clock)
                yield self._group(maker, everyone[:1], idle, f"{self.alert.id}, idle", guarded=False)

    def _group(
        self, maker: Maker, everyone: Sequence[Member], scenarios: Sequence[Scenario], name: str, guarded: bool
    ) -> Group:
        alone = isinstance(self.measure, sh.Expression)
        seen: list[Seen] = []
        for member, each in zip(everyone, scenarios, strict=True):
            track = each.healthy if member.healthy else each.sick
            maker.add(self.cells, member.series, track, alone)
            if self.guard_cells and not self.shared:
                maker.add(self.guard_cells, member.series, self._guard_track(each, guarded))
            seen.append(Seen(member.result, self._states(track, member.condition, guarded), member.healthy))
        if guarded:
            for label, value in decoys(self.cells, (by.source for by in self.shape.by)):
                maker.add(self.cells, {**everyone[0].series, label: value}, scenarios[0].rogue, alone=True)
        checks = self._checks(seen, scenarios[0], guarded)
        return Group(name, self.clock.step, self.clock.scrape, tuple(maker.rows.values()), tuple(checks))

    def _scenarios(self, everyone: Sequence[Member]) -> list[Scenario]:
        floor = fraction(self.shape.guard.above) if self.shape.guard else Fraction(0)
        per_scrape = floor * Fraction(self.clock.scrape.total_seconds()) * _ROOM
        more = max(Fraction(1), per_scrape / EVENTS)
        out = []
        for member in everyone:
            times = (self.alert.hold, self.alert.keep, self.clock)
            case = Case(self.measure, member.condition, *times, floor, self.ceiling)
            out.append(_louder(scenario.scenario(case), more))
        return out

    def _idle(self, busy: Sequence[Scenario]) -> list[Scenario] | None:
        """The incident with so little traffic that the guard keeps the alert quiet; None where it cannot be had."""
        assert self.shape.guard is not None
        if not self.shared:
            return list(busy)
        floor = fraction(self.shape.guard.above)
        if isinstance(self.measure, sh.Rate | sh.Gauge) or self.shape.guard.measure == self.measure:
            highest = max(s.level or 0 for track in busy for s in track.sick)
            return [_scaled(each, floor / 2 / highest) for each in busy]
        if not isinstance(self.shape.guard.measure, sh.Rate):
            return None
        few = floor * Fraction(self.clock.scrape.total_seconds()) / 2 / EVENTS
        return [Scenario(_at_volume(each.sick, few), each.healthy, each.rogue) for each in busy]

    def _guard_track(self, each: Scenario, guarded: bool) -> Track:
        assert self.shape.guard is not None
        floor = fraction(self.shape.guard.above)
        level = floor * _ROOM + 1 if guarded else floor / 2
        return (Stretch(each.length, level),)

    def _states(self, track: Track, condition: sh.Condition, guarded: bool) -> list[model.State | None]:
        found = [self._one_way(track, condition, guarded, short) for short in (False, True)]
        return [a if a == b else None for a, b in zip(*found, strict=True)]

    def _one_way(self, track: Track, condition: sh.Condition, guarded: bool, short: bool) -> list[model.State | None]:
        holds = self._truth(track, condition, short)
        guard = self.shape.guard
        if guard and guard.measure == self.measure:
            levels = model.values(self.measure, track, self.clock, short)
            holds = model.both(holds, [None if v is None else model.above(v, float(guard.above)) for v in levels])
        elif guard and not guarded:
            holds = [False] * len(holds)
        return model.states(holds, self.alert.hold, self.alert.keep, self.clock)

    def _truth(self, track: Track, condition: sh.Condition, short: bool) -> model.Truth:
        match condition:
            case sh.Burn():
                bad = _bad(track, self.measure)
                window = scenario.window_of(self.measure) or model.BASE
                bads = model.increases(bad, window, self.clock, short)
                totals = model.increases(tuple(replace(s, level=s.volume) for s in track), window, self.clock, short)
                return model.burn(condition, bads, totals, self.clock, short)
            case sh.Budget(share, rolling, _, forecast):
                window = forecast or rolling
                spent = model.increases(track, window, self.clock, short)
                pace = rolling / window
                return [None if v is None else model.above(v * pace, float(share)) for v in spent]
        return model.truth(model.values(self.measure, track, self.clock, short), condition, self.clock, short)

    def _checks(self, seen: Sequence[Seen], each: Scenario, guarded: bool) -> Iterator[dict[str, Any]]:
        known = [i for i in range(each.length + 1) if all(item.states[i] is not None for item in seen)]
        steps = _telling(seen, known, each)
        firing = [i for i in steps if any(item.states[i] == "firing" for item in seen)]
        if guarded and not all("firing" in [item.states[i] for i in firing] for item in seen if not item.healthy):
            raise CannotFire("the incident that its shape describes does not make it fire")
        quiet = [i for i in steps if not any(item.states[i] for item in seen)]
        for i in steps:
            yield states_at(self.alert, seen, i, self.clock, self.lowest)
            if i in firing[:1] and (whole := whole_at(self.alert, seen, i, self.clock)):
                yield whole
            if i in quiet[:2] and (measured := measured_at(self.alert, i, self.clock, self._count(len(seen)))):
                yield measured

    def _count(self, groups: int) -> int | None:
        plain = not self.shape.exceptions and not isinstance(self.measure, sh.Expression)
        return groups if plain else None


def _telling(seen: Sequence[Seen], known: Sequence[int], each: Scenario) -> list[int]:
    """Steps at which something is to be seen: both sides of every change, and the end of every stretch."""
    out = set()
    for a, b in pairwise(known):
        if any(item.states[a] != item.states[b] for item in seen):
            out |= {a, b}
    for end in each.ends:
        before = [i for i in known if i <= end]
        out |= set(before[-1:])
    return sorted(out - {0})  # at time zero no window has anything in it


def _with_buckets(measure: sh.Measure, condition: sh.Condition) -> sh.Measure:
    """A histogram whose buckets nobody has said gets some around the threshold; of many, those near it stay."""
    if not isinstance(measure, sh.Quantile) or not isinstance(condition, sh.Above | sh.Below):
        return measure
    limit = condition.threshold
    if not measure.buckets:
        return replace(measure, buckets=tuple(limit * n / 4 for n in (1, 2, 3, 5, 8, 16)))
    return measure


def _ceiling(alert: Alert, shape: sh.Shape, siblings: Sequence[Alert]) -> tuple[Fraction | None, bool]:
    """The threshold of the next stricter rung of the ladder, and whether this rung is below all others."""
    here = shape.condition
    if not isinstance(here, sh.Above | sh.Below):
        return None, False
    found = []
    for other in siblings:
        there = other.shape.condition if other.shape else None
        if other is alert or other.name != alert.name or type(there) is not type(here):
            continue
        assert isinstance(there, sh.Above | sh.Below)
        found.append(there.threshold)
    stricter = [t for t in found if (t > here.threshold) == isinstance(here, sh.Above)]
    if not stricter:
        return None, False
    nearest = min(stricter) if isinstance(here, sh.Above) else max(stricter)
    return fraction(nearest), len(stricter) == len(found) and not shape.exceptions


def _bad(track: Track, measure: sh.Measure) -> Track:
    """The bad events of a track, as what one sample adds."""
    good = isinstance(measure, sh.Ratio) and measure.sense == "good"
    shares = [None if s.level is None else 1 - s.level if good else s.level for s in track]
    return tuple(
        replace(s, level=None if share is None else share * s.volume) for s, share in zip(track, shares, strict=True)
    )


def _louder(each: Scenario, more: Fraction) -> Scenario:
    return _changed(each, lambda s: replace(s, volume=s.volume * more))


def _scaled(each: Scenario, by: Fraction) -> Scenario:
    return _changed(each, lambda s: replace(s, level=None if s.level is None else s.level * by))


def _changed(each: Scenario, change: Callable[[Stretch], Stretch]) -> Scenario:
    return Scenario(*(tuple(map(change, track)) for track in (each.sick, each.healthy, each.rogue)))


def _at_volume(track: Track, volume: Fraction) -> Track:
    return tuple(replace(s, volume=volume) for s in track)
