"""Tests of an alert that counts the first event of a series: it is born while its target is up, or only comes back."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from llmmon.plan import shapes as sh

from .group import Checks, Group
from .labels import members
from .series import Cell, Maker, cells
from .track import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Alert, Service
    from llmmon.promql import Selector

    from .labels import Member
    from .series import Row

_MINUTE = timedelta(minutes=1)
_LATER = 3  # minutes after the window of the first event: before, nobody knows whether it was there already
_AWAY = 7  # minutes that the target, or Prometheus, is away


def first_groups(alert: Alert, service: Service) -> Iterator[Group]:
    """Nothing but a first event fires; the same series after an outage of its target or of Prometheus does not."""
    what = alert.shape.measure if alert.shape else None
    if not isinstance(what, sh.Rate) or what.born is None:
        return
    window, hold = what.window // _MINUTE, -(-alert.hold // _MINUTE)
    after, born = window + _AWAY + hold + alert.keep // _MINUTE + 2, window + _LATER
    yield _group(alert, service, "first", f"_x{born} 1x{after}", f"1x{born + after}", born + hold)
    seen, gone = f"7x{window} _x{_AWAY} 7x{after}", f"1x{window} 0x{_AWAY} 1x{after}"
    yield _group(alert, service, "restarted", seen, gone, None)
    yield _group(alert, service, "unobserved", seen, f"1x{window} _x{_AWAY} 1x{after}", None)


def _group(alert: Alert, service: Service, name: str, values: str, up: str, fires: int | None) -> Group:
    """One source has these values and every other one none; `fires` is the minute in which it is seen to fire."""
    assert alert.shape
    what = alert.shape.measure
    assert isinstance(what, sh.Rate)
    assert what.born is not None
    made = cells(what, Clock(_MINUTE, _MINUTE))
    member = members(alert.shape, [cell.selector for cell in made], service.metrics)[0]
    maker = Maker(service.metrics, made[:1], member.series.keys(), alone=True)
    rows = [*maker.rows(member.series, [(values,)]), *_up(what.born, member, service, up)]
    checks = Checks(alert, [member.result])
    if fires is not None:
        gone = fires + (what.window + alert.keep) // _MINUTE + 1
        looks = [checks.states(fires * _MINUTE, ["firing"]), checks.states(gone * _MINUTE, [""])]
    else:
        window = what.window // _MINUTE
        looks = [checks.states(at * _MINUTE, [""]) for at in range(window, 2 * window + _AWAY + 2, 2)]
    return Group(f"{alert.id}, {name}", _MINUTE, _MINUTE, tuple(rows), tuple(looks))


def _up(born: Selector, member: Member, service: Service, values: str) -> Iterator[Row]:
    given = {label: value for label, value in member.series.items() if label in ("instance", "job")}
    cell = Cell(born, "gauge", lambda _: Fraction(1))
    yield from Maker(service.metrics, (cell,), given.keys(), alone=True).rows(given, [(values,)])
