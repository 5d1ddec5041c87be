"""Tests of what is about being there at all: targets that are down, replicas that are down, series that vanish."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from llmmon.plan import shapes as sh

from . import model
from .choose import Unsatisfiable
from .group import Checks, Group
from .scenario import clock
from .series import Cell, Maker, cells, decoys, samples
from .track import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Alert, Service

    from .series import Row
    from .track import Track

_UP, _DOWN, _GONE = Fraction(1), Fraction(0), None


def presence_groups(alert: Alert, service: Service) -> Iterator[Group]:
    """One group: all well, some gone, all gone, all well."""
    shape = alert.shape
    assert shape is not None
    test = _Presence(alert, shape, service)
    match shape.condition:
        case sh.Absent(up=True):
            yield test.down()
        case sh.ReplicaDown():
            yield test.replica()
        case _:
            yield test.absent()


class _Presence:
    def __init__(self, alert: Alert, shape: sh.Shape, service: Service) -> None:
        self.alert, self.shape = alert, shape
        self.clock = clock(sh.Expression(""), shape.condition, alert.hold)
        self.metrics = service.metrics
        self.held = self.clock.steps(alert.hold)
        self.after = self.clock.steps(alert.keep) + 2

    def down(self) -> Group:
        """Silent while one target is up; fires when all are down, and when none is left."""
        parts: list[tuple[int, Fraction | None, Fraction | None, bool]] = [
            (3, _UP, _UP, False),
            (self.held + 2, _DOWN, _UP, False),
            (self.held + 2, _DOWN, _DOWN, True),
            (self.after, _UP, _DOWN, False),
            (self.held + 2, _GONE, _GONE, True),
        ]
        tracks = {"i1": [(n, a) for n, a, _, _ in parts], "i2": [(n, b) for n, _, b, _ in parts]}
        return self._group(tracks, [({}, [(n, on) for n, *_, on in parts])])

    def replica(self) -> Group:
        """Fires for each target that is down while another is up; silent when all are down."""
        held = self.held + 2
        one = [(3, _UP), (held, _DOWN), (3, _DOWN), (3, _UP)]
        other = [(3, _UP), (held, _UP), (3, _DOWN), (3, _UP)]
        on = [(3, False), (held, True), (3, False), (3, False)]
        return self._group({"i1": one, "i2": one, "i3": other}, [({"instance": i}, on) for i in ("i1", "i2")])

    def absent(self) -> Group:
        """Silent while one series is there; fires when the last has gone."""
        found = cells(self.shape.measure, self.clock)
        if isinstance(self.shape.measure, sh.Expression):
            raise Unsatisfiable("its expression does not say which series may be absent")
        parts: list[tuple[int, Fraction | None, bool]] = [
            (3, Fraction(1), False),
            (self.held + 2, _GONE, True),
            (self.after, Fraction(1), False),
        ]
        track = [(n, level) for n, level, _ in parts]
        return self._group({"i1": track, "i2": track}, [({}, [(n, on) for n, _, on in parts])], found[:1])

    def _group(
        self,
        tracks: Mapping[str, Sequence[tuple[int, Fraction | None]]],
        results: Sequence[tuple[Mapping[str, str], Sequence[tuple[int, bool]]]],
        found: Sequence[Cell] = (),
    ) -> Group:
        used = found or cells(self.shape.measure, self.clock)
        plain = [Cell(cell.selector, "gauge", lambda s: s.level or Fraction(0), "max", cell.extra) for cell in used]
        maker = Maker(self.metrics, plain, {"instance"})
        length = sum(n for n, _ in next(iter(tracks.values())))
        series = [({"instance": instance}, _track(levels)) for instance, levels in tracks.items()]
        for label, value in decoys(plain, ()):
            series.append(({label: value, "instance": "i9"}, (Stretch(length, _UP),)))
        rows: dict[str, Row] = {}
        for group, track in series:
            for row in maker.rows(group, [samples(cell, track, self.clock, single=True) for cell in plain]):
                rows.setdefault(row.text, row)
        states = list(zip(*(self._states(on) for _, on in results), strict=True))
        steps = _telling(states)
        checks = Checks(self.alert, [labels for labels, _ in results])
        found_ = [checks.states(i * self.clock.step, states[i]) for i in steps]
        firing = [i for i in steps if states[i][0] == "firing"][:1]
        whole = [checks.whole(i * self.clock.step, states[i]) for i in firing]
        found_ += [item for item in whole if item]
        return Group(self.alert.id, self.clock.step, self.clock.scrape, tuple(rows.values()), tuple(found_))

    def _states(self, on: Sequence[tuple[int, bool]]) -> list[model.State | None]:
        holds: model.Truth = [now for n, now in on for _ in range(n)]
        return model.states([holds[0], *holds], self.alert.hold, self.alert.keep, self.clock)


def _track(levels: Sequence[tuple[int, Fraction | None]]) -> Track:
    return tuple(Stretch(n, level) for n, level in levels)


def _telling(states: Sequence[object]) -> list[int]:
    out = {len(states) - 1}
    for i, (a, b) in enumerate(pairwise(states)):
        if a != b:
            out |= {i, i + 1}
    return sorted(out)
