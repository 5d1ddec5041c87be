"""What the tests of an alert are but for their names: samples, states, and when to look.

Alerts that differ only in names (two environments, two services with one preset) get the same play, worked out once.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from llmmon.classes import frozen, replace
from llmmon.plan import shapes as sh
from llmmon.promql import Selector

from . import indicator, model, objective, scenario
from .scenario import CannotFire, Case
from .series import EVENTS, cells, clocks, samples, spending
from .track import Scenario, Stretch, fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from .model import State
    from .series import Cell, Samples
    from .track import Clock, Track

Role = tuple[sh.Condition, bool, sh.Measure | None]

_ROOM = 4  # how far above a guard's floor the traffic of a test is
_KEPT = 2048  # plays, of some 10 kB each


@frozen
class Plot:
    """All that a play follows from.

    A role is a condition, whether the groups of series that play it stay well, and what they measure where that is not
    the alert's own; the first one is the incident.
    `single` says of each cell, and `guard_single` of each cell of the guard, that a group has only one instance of it.
    """

    measure: sh.Measure
    condition: sh.Condition
    guard: sh.Guard | None
    hold: timedelta
    keep: timedelta
    ceiling: Fraction | None  # where a stricter sibling of the same name begins
    roles: tuple[Role, ...]
    single: tuple[bool, ...]
    guard_single: tuple[bool, ...]


@frozen
class Look:
    """A time at which something is to be seen: the state of each role, "" for none."""

    at: timedelta
    states: tuple[State, ...]
    first: bool  # of those at which it fires
    quiet: bool  # one of the first two at which nothing is to be seen


@frozen
class Act:
    """One test: the samples of each role's cells, of its guard's cells, and of a stranger's cells."""

    roles: tuple[tuple[Samples, ...], ...]
    guards: tuple[tuple[Samples, ...], ...]
    stranger: tuple[Samples, ...]
    looks: tuple[Look, ...]


@frozen
class Play:
    """The incident, and with a guard the same with too little traffic, where that can be had."""

    busy: Act
    idle: Act | None


_PLAYS: dict[Hashable, Play] = {}


def play(plot: Plot) -> Play:
    """The play of a plot, or of one that differs from it in names only. CannotFire where no incident makes it fire."""
    key = _nameless(plot, {})
    found = _PLAYS.get(key)
    if found is None:
        if len(_PLAYS) >= _KEPT:
            del _PLAYS[next(iter(_PLAYS))]
        found = _PLAYS[key] = _Author(plot).play()
    return found


def clock(measure: sh.Measure, condition: sh.Condition, guard: sh.Guard | None, hold: timedelta) -> Clock:
    """The clock of a play."""
    return scenario.clock(measure, condition, hold, (guard.measure,) if guard else ())


def cells_of(measure: sh.Measure, condition: sh.Condition, at: Clock) -> tuple[Cell, ...]:
    """The cells of a play: of a budget what is spent and when its period ends, of an objective what is bad."""
    match condition:
        case sh.Burn(of=of) | sh.Exhausted(of=of):
            return indicator.cells_of(of, at)
        case sh.Budget():
            return spending(measure, condition)
        case sh.Overruns(resets=resets):
            return (*cells(measure, at), *clocks(resets))
    return cells(measure, at)


def shared(found: Sequence[Cell], guards: Sequence[Cell]) -> bool:
    """Whether a guard reads a metric that the measure reads, so that it needs no series of its own."""
    names = {cell.selector.name for cell in found}
    return any(cell.selector.name in names for cell in guards)


def _nameless(value: Any, numbers: dict[Hashable, int]) -> Hashable:
    """Equal for two values that differ in names only: metrics and selectors are numbered as they come."""
    if isinstance(value, Selector):
        matchers = tuple((matcher.label, matcher.op, matcher.value) for matcher in value.matchers)
        told: tuple[Hashable, ...] = (
            value.name,
            (value.name, frozenset(matchers)),
            (value.name, matchers, value.offset, value.at),
        )
        return tuple(numbers.setdefault(item, len(numbers)) for item in told)
    if isinstance(value, tuple):
        return tuple([_nameless(item, numbers) for item in value])
    names = getattr(value, "__match_args__", None)
    if names is None:
        return value  # type: ignore[no-any-return]  # a number, a time, a word
    return (type(value), *[_nameless(getattr(value, name), numbers) for name in names])


class _Author:
    def __init__(self, plot: Plot) -> None:
        self.plot, self.measure, self.guard = plot, plot.measure, plot.guard
        self.clock = clock(plot.measure, plot.condition, plot.guard, plot.hold)
        self.cells = cells_of(plot.measure, plot.condition, self.clock)
        self.guard_cells = cells(plot.guard.measure, self.clock) if plot.guard else ()
        self.shared = shared(self.cells, self.guard_cells)

    def play(self) -> Play:
        busy = self._scenarios()
        idle = self._idle(busy[:1]) if self.guard else None
        return Play(self._act(busy, guarded=True), self._act(idle, guarded=False) if idle else None)

    def _act(self, scenarios: Sequence[Scenario], guarded: bool) -> Act:
        roles, guards, states = [], [], []
        for (condition, healthy, measure), each in zip(self.plot.roles, scenarios, strict=False):
            track = each.healthy if healthy else each.sick
            found = cells_of(measure or self.measure, condition, self.clock)
            roles.append(self._samples(found, track, self.plot.single))
            if self.guard_cells and not self.shared:
                guards.append(self._samples(self.guard_cells, self._guard_track(each, guarded), self.plot.guard_single))
            states.append(self._states(track, condition, guarded))
        stranger = self._samples(self.cells, scenarios[0].rogue, (True,) * len(self.cells)) if guarded else ()
        return Act(tuple(roles), tuple(guards), stranger, tuple(self._looks(states, scenarios[0], guarded)))

    def _samples(self, found: Sequence[Cell], track: Track, single: Sequence[bool]) -> tuple[Samples, ...]:
        return tuple(samples(cell, track, self.clock, one) for cell, one in zip(found, single, strict=True))

    def _scenarios(self) -> list[Scenario]:
        floor = fraction(self.guard.above) if self.guard else Fraction(0)
        per_scrape = floor * Fraction(self.clock.scrape.total_seconds()) * _ROOM
        more = max(Fraction(1), per_scrape / EVENTS)
        times = (self.plot.hold, self.plot.keep, self.clock)
        cases = [Case(self.measure, condition, *times, floor, self.plot.ceiling) for condition, *_ in self.plot.roles]
        return [_louder(scenario.scenario(case), more) for case in cases]

    def _idle(self, busy: Sequence[Scenario]) -> list[Scenario] | None:
        """The incident with so little traffic that the guard keeps the alert quiet; None where it cannot be had."""
        assert self.guard is not None
        if not self.shared:
            return list(busy)
        floor = fraction(self.guard.above)
        if isinstance(self.measure, sh.Rate | sh.Gauge) or self.guard.measure == self.measure:
            highest = max(s.level or 0 for track in busy for s in track.sick)
            return [_scaled(each, floor / 2 / highest) for each in busy]
        if not isinstance(self.guard.measure, sh.Rate):
            return None
        few = floor * Fraction(self.clock.scrape.total_seconds()) / 2 / EVENTS
        return [Scenario(_at_volume(each.sick, few), each.healthy, each.rogue) for each in busy]

    def _guard_track(self, each: Scenario, guarded: bool) -> Track:
        assert self.guard is not None
        floor = fraction(self.guard.above)
        level = floor * _ROOM + 1 if guarded else floor / 2
        return (Stretch(each.length, level),)

    def _states(self, track: Track, condition: sh.Condition, guarded: bool) -> list[State | None]:
        found = [self._one_way(track, condition, guarded, short) for short in (False, True)]
        return [a if a == b else None for a, b in zip(*found, strict=True)]

    def _one_way(self, track: Track, condition: sh.Condition, guarded: bool, short: bool) -> list[State | None]:
        holds = self._truth(track, condition, short)
        if self.guard and self.guard.measure == self.measure:
            levels = model.values(self.measure, track, self.clock, short)
            floor = float(self.guard.above)
            holds = model.both(holds, [None if v is None else model.above(v, floor) for v in levels])
        elif self.guard and not guarded:
            holds = [False] * len(holds)
        return model.states(holds, self.plot.hold, self.plot.keep, self.clock)

    def _truth(self, track: Track, condition: sh.Condition, short: bool) -> model.Truth:
        match condition:
            case sh.Burn():
                return objective.burns(condition, track, self.clock, short)
            case sh.Exhausted():
                return objective.is_used_up(condition, track, self.clock, short)
            case sh.Budget(share, rolling, _, forecast):
                window = forecast or rolling
                spent = model.increases(track, window, self.clock, short)
                pace = rolling / window
                return [None if v is None else model.above(v * pace, float(share)) for v in spent]
        return model.truth(model.values(self.measure, track, self.clock, short), condition, self.clock, short)

    def _looks(self, seen: Sequence[Sequence[State | None]], each: Scenario, guarded: bool) -> Iterator[Look]:
        at: list[tuple[State | None, ...]] = list(zip(*seen, strict=True))
        known = [i for i, states in enumerate(at) if None not in states]
        steps = _telling(at, known, each)
        firing = [i for i in steps if "firing" in at[i]]
        if guarded and not all("firing" in [states[i] for i in firing] for states in self._ill(seen)):
            raise CannotFire("the incident that its shape describes does not make it fire")
        quiet = [i for i in steps if not any(at[i]) and i * self.clock.step >= _silence(self.plot.condition)]
        for i in steps:
            states = tuple([state or "" for state in at[i]])
            yield Look(i * self.clock.step, states, i in firing[:1], i in quiet[:2])

    def _ill(self, seen: Sequence[Sequence[State | None]]) -> Iterator[Sequence[State | None]]:
        for states, (_, healthy, _) in zip(seen, self.plot.roles, strict=False):
            if not healthy:
                yield states


def _silence(condition: sh.Condition) -> timedelta:
    """How long a new series is no reason for anything, not even for a value to compare."""
    return condition.since if isinstance(condition, sh.FillsIn | sh.Overruns) else timedelta(0)


def _telling(at: Sequence[object], known: Sequence[int], each: Scenario) -> list[int]:
    """Steps at which something is to be seen: both sides of every change, and the end of every stretch."""
    out = set()
    for a, b in pairwise(known):
        if at[a] != at[b]:
            out |= {a, b}
    for end in each.ends:
        before = bisect_right(known, end)
        out |= set(known[:before][-1:])
    return sorted(out - {0})  # at time zero no window has anything in it


def _louder(each: Scenario, more: Fraction) -> Scenario:
    return _changed(each, lambda s: replace(s, volume=s.volume * more)) if more != 1 else each


def _scaled(each: Scenario, by: Fraction) -> Scenario:
    return _changed(each, lambda s: replace(s, level=None if s.level is None else s.level * by))


def _changed(each: Scenario, change: Callable[[Stretch], Stretch]) -> Scenario:
    return Scenario(*(tuple(map(change, track)) for track in (each.sick, each.healthy, each.rogue)))


def _at_volume(track: Track, volume: Fraction) -> Track:
    return tuple(replace(s, volume=volume) for s in track)
