"""An alert's test groups, from its shape: a play, with the names of its metrics and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.classes import replace
from llmmon.plan import shapes as sh

from .choose import Unsatisfiable
from .first import first_groups
from .group import Checks, Group
from .indicator import is_native
from .labels import members
from .own import own_groups
from .play import Plot, cells_of, clock, play, shared
from .presence import presence_groups
from .series import Maker, Row, cells, decoys
from .track import fraction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from llmmon.plan import Alert, Fleet, Service

    from .labels import Member
    from .play import Act, Role


_READS_NATIVE = (2, 48)


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
        case sh.Burn(of=of) | sh.Exhausted(of=of) if is_native(of) and fleet.versions["prometheus"] < _READS_NATIVE:
            raise Unsatisfiable("promtool reads native histograms in tests from 2.48 on: raise versions: in the fleet")
        case _:
            yield from _made(alert, siblings, service)
    yield from own_groups(alert, fleet, service, environment)


def _made(alert: Alert, siblings: Sequence[Alert], service: Service) -> Iterator[Group]:
    """From the shape; an expression for which no series can be made may have a test of its own instead."""
    try:
        yield from [*_Proof(alert, siblings, service).groups(), *first_groups(alert, service)]
    except Unsatisfiable:
        if alert.shape is None or not isinstance(alert.shape.measure, sh.Expression) or not alert.tests:
            raise


class _Proof:
    def __init__(self, alert: Alert, siblings: Sequence[Alert], service: Service) -> None:
        assert alert.shape is not None
        self.alert, self.shape = alert, alert.shape
        condition, guard = alert.shape.condition, alert.shape.guard
        self.measure = _with_buckets(alert.shape.measure, condition)
        self.clock = clock(self.measure, condition, guard, alert.hold)
        self.ceiling, self.lowest = _ceiling(alert, alert.shape, siblings)
        self.cells = cells_of(self.measure, condition, self.clock)
        guards = cells(guard.measure, self.clock) if guard else ()
        self.members = members(self.shape, [cell.selector for cell in self.cells], service.metrics)
        given = self.members[0].series.keys()
        self.maker = Maker(service.metrics, self.cells, given, alone=isinstance(self.measure, sh.Expression))
        self.guard_maker = Maker(service.metrics, () if shared(self.cells, guards) else guards, given)

    def groups(self) -> Iterator[Group]:
        roles = self._roles()
        shape, alert = self.shape, self.alert
        single, guard_single = self.maker.single, self.guard_maker.single
        rest = (alert.hold, alert.keep, self.ceiling, roles, single, guard_single)
        done = play(Plot(self.measure, shape.condition, shape.guard, *rest))
        cast = [roles.index(member.role) for member in self.members]
        yield self._group(alert.id, done.busy, self.members, cast)
        if done.idle:
            yield self._group(f"{alert.id}, idle", done.idle, self.members[:1], cast[:1])

    def _roles(self) -> tuple[Role, ...]:
        out: list[Role] = []
        for member in self.members:
            if member.role not in out:
                out.append(member.role)
        return tuple(out)

    def _group(self, name: str, act: Act, everyone: Sequence[Member], cast: Sequence[int]) -> Group:
        rows: dict[str, Row] = {}  # a series that is there already is kept
        for row in self._rows(act, everyone, cast):
            rows.setdefault(row.text, row)
        checks = tuple(self._checks(act, everyone, cast))
        return Group(name, self.clock.step, self.clock.scrape, tuple(rows.values()), checks)

    def _rows(self, act: Act, everyone: Sequence[Member], cast: Sequence[int]) -> Iterator[Row]:
        for member, role in zip(everyone, cast, strict=True):
            yield from self.maker.rows(member.series, act.roles[role])
            if act.guards:
                yield from self.guard_maker.rows(member.series, act.guards[role])
        if act.stranger:
            for label, value in decoys(self.cells, (by.source for by in self.shape.by)):
                yield from self.maker.rows({**everyone[0].series, label: value}, act.stranger)

    def _checks(self, act: Act, everyone: Sequence[Member], cast: Sequence[int]) -> Iterator[dict[str, Any]]:
        checks = Checks(self.alert, [member.result for member in everyone], self.lowest)
        plain = not self.shape.exceptions and not isinstance(self.measure, sh.Expression)
        count = len(everyone) if plain else None
        for look in act.looks:
            states = [look.states[role] for role in cast]
            yield checks.states(look.at, states)
            if look.first and (whole := checks.whole(look.at, states)):
                yield whole
            if look.quiet and (measured := checks.measured(look.at, count)):
                yield measured


def _with_buckets(measure: sh.Measure, condition: sh.Condition) -> sh.Measure:
    """A histogram whose buckets nobody has said gets some around the threshold."""
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
        if other.name != alert.name or other is alert:
            continue
        there = other.shape.condition if other.shape else None
        if type(there) is not type(here):
            continue
        assert isinstance(there, sh.Above | sh.Below)
        found.append(there.threshold)
    stricter = [t for t in found if (t > here.threshold) == isinstance(here, sh.Above)]
    if not stricter:
        return None, False
    nearest = min(stricter) if isinstance(here, sh.Above) else max(stricter)
    return fraction(nearest), len(stricter) == len(found) and not shape.exceptions
