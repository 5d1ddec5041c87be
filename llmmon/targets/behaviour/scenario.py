"""What happens in the test of each kind of condition: well, a near miss, ill, well again."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction as F  # noqa: N817 - it is everywhere here
from typing import TYPE_CHECKING, assert_never

from llmmon.classes import frozen
from llmmon.plan import shapes as sh

from . import indicator
from .model import until
from .track import Clock, Scenario, Stretch, fraction

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))
_MINUTE = STEPS[0]
_SHORT_TESTS = 100  # steps that a window may have where the whole of it is played through twice
_LONG_TESTS = 350
_SLOW = 30  # steps of a window that may pass while an alert recovers
_BUSY = F(50)  # how much more traffic each stretch has than the one before
_NOTHING = F(0)


class CannotFire(Exception):  # noqa: N818 - it becomes a problem, with the alert's origin
    """No level that the measure can have makes the condition true."""


@frozen
class Case:
    """An alert's condition with what bounds its test."""

    measure: sh.Measure
    condition: sh.Condition
    hold: timedelta
    keep: timedelta
    clock: Clock
    floor: F = _NOTHING  # what a guard wants of the same measure
    ceiling: F | None = None  # where a stricter sibling of the same name begins

    @property
    def held(self) -> int:
        """Steps until a condition that stays true fires."""
        return self.clock.steps(self.hold)

    @property
    def settle(self) -> int:
        """Steps until a new level shows in full."""
        window = window_of(self.measure)
        if window is None or isinstance(self.measure, sh.Ratio | sh.Mean | sh.Quantile):
            return 2
        return self.clock.steps(window) + 1

    @property
    def kept(self) -> int:
        """Steps after which an alert that is over is gone."""
        return self.clock.steps(self.keep)


def clock(measure: sh.Measure, condition: sh.Condition, hold: timedelta, others: Iterable[sh.Measure] = ()) -> Clock:
    """A step that is fine enough for the `for` and coarse enough for the windows."""
    back, limit = _lookback(measure, condition)
    step = next((step for step in STEPS if max(back / step, hold / step) <= limit), STEPS[-1])
    read = indicator.windows(condition.of) if isinstance(condition, sh.Burn | sh.Exhausted) else (measure,)
    windows = [window_of(item) for item in (*read, *others)]
    if isinstance(condition, sh.Budget):
        windows = [condition.forecast or condition.rolling]
    smallest = min((window for window in windows if window), default=step * 5)
    scrape = step if smallest >= 4 * step else 2 * _MINUTE if not step % (2 * _MINUTE) else _MINUTE
    return Clock(step, scrape)


def window_of(measure: sh.Measure) -> timedelta | None:
    """The range that the measure looks over."""
    match measure:
        case sh.Rate(window=window) | sh.Ratio(window=window) | sh.Quantile(window=window) | sh.Mean(window=window):
            return window
        case sh.Gauge(smooth=window) | sh.Usage(rated=window):
            return window
    return None


def top(measure: sh.Measure) -> F | None:
    """What the measure can never pass."""
    match measure:
        case sh.Ratio(sense="bad" | "good", scale=scale):
            return fraction(scale)
        case sh.Quantile(buckets=buckets) if buckets:
            return fraction(max(buckets))
    return None


def scenario(case: Case) -> Scenario:
    """The tracks for a condition; CannotFire where no level makes it true."""
    match case.condition:
        case sh.Above() | sh.Below() | sh.Stale():
            return _threshold(case)
        case sh.Rises() | sh.Drops():
            return _change(case)
        case sh.Deviates() | sh.Strays():
            return _deviation(case)
        case sh.Grows():
            return _growth(case)
        case sh.FillsIn():
            return _filling(case)
        case sh.Burn(of=of):
            what = case.condition
            limit = fraction(what.factor * what.budget)
            return _burning(case, of, limit, case.clock.steps(what.long), case.clock.steps(what.short))
        case sh.Exhausted(budget, _, of) as what:
            return _burning(case, of, fraction(budget), case.clock.steps(what.since), 2)
        case sh.Budget():
            return _spending(case)
        case sh.Overruns():
            return _overrunning(case)
        case sh.Absent() | sh.ReplicaDown() | sh.Free():
            raise ValueError(f"{type(case.condition).__name__} has no levels")
    assert_never(case.condition)


def _threshold(case: Case) -> Scenario:
    limit, rising = _limit(case.condition)
    highest = top(case.measure)
    if highest is not None and (limit >= highest if rising else limit <= 0):
        bound = "the highest finite bucket" if isinstance(case.measure, sh.Quantile) else "what the measure can reach"
        raise CannotFire(f"the threshold {float(limit):g} is not below {bound}, {float(highest):g}")
    if rising:
        well, near, ill = limit * F(1, 2), limit * F(19, 20), limit * F(3, 2) or F(1)
        if highest is not None:
            ill = min(ill, (limit + highest) / 2 if isinstance(case.measure, sh.Quantile) else highest)
        if case.ceiling is not None:
            ill = min(ill, (limit + case.ceiling) / 2)
    else:
        well, near, ill = limit * 2, limit * F(21, 20), limit * F(1, 2)
        if highest is not None:
            well, near = min(well, (limit + highest) / 2), min(near, (limit + highest) / 2)
        if case.ceiling is not None:
            ill = max(ill, (limit + case.ceiling) / 2)
    if isinstance(case.condition, sh.Above) and case.condition.reached:
        ill = limit
    if isinstance(case.measure, sh.Gauge) and case.measure.smooth is None and limit.denominator == 1:
        near = limit  # whole numbers compare exactly, so the threshold itself is the nearest miss
    if limit < 0:
        well, near, ill = limit * 2, limit * F(21, 20), limit * F(1, 2)
        if not rising:
            well, near, ill = ill, limit * F(19, 20), well
    rogue = well if _hides(case.measure, rising) else ill * 10 if highest is None and rising else ill
    return _stages(case, well, near, ill, case.settle + 2, rogue)


def _hides(measure: sh.Measure, rising: bool) -> bool:
    """Whether a stranger that is well hides what is ill: the newest time counts, or the lowest of values too high."""
    match measure:
        case sh.Age(how=how):
            return rising and how == "max"
        case sh.Gauge(how=how):
            return how == ("min" if rising else "max")
    return False


def _limit(condition: sh.Condition) -> tuple[F, bool]:
    match condition:
        case sh.Stale(age):
            return F(int(age.total_seconds())), True
        case sh.Above(limit):
            return fraction(limit), True
        case sh.Below(limit):
            return fraction(limit), False
    raise ValueError(f"{condition} has no threshold")


def _change(case: Case) -> Scenario:
    assert isinstance(case.condition, sh.Rises | sh.Drops)
    factor = fraction(case.condition.factor)
    base = _base(case, factor)
    if factor > 1:
        near, ill = base * max(factor * F(19, 20), (1 + factor) / 2), base * factor * F(3, 2)
    else:
        near, ill = base * min(factor * F(21, 20), (1 + factor) / 2), base * factor / 2
    past = case.clock.steps(case.condition.versus)
    return _stages(
        case, base, near, ill, past + case.settle + 2, ill * 10 if top(case.measure) is None and factor > 1 else ill
    )


def _deviation(case: Case) -> Scenario:
    what = case.condition
    over = case.clock.steps(what.over)  # type: ignore[union-attr]
    if isinstance(what, sh.Strays):
        base, far = _base(case, 1 + 3 * fraction(what.tolerance)), fraction(what.tolerance)
        return _stages(case, base, base * (1 + far * F(3, 4)), base * (1 + far * 2), over + 2, base * (1 + far * 8))
    assert isinstance(what, sh.Deviates)
    spread = F(1, 20)
    far = max(fraction(what.sigma) * spread, fraction(what.floor))
    base = _base(case, 1 + 4 * far)
    half = (over + 2) // 2
    lead = (Stretch(half, base * (1 - spread)), Stretch(over + 2 - half, base * (1 + spread)))
    done = _stages(case, base, base * (1 + far * F(3, 4)), base * (1 + far * F(5, 2)), 1, base * (1 + far * 8))
    sick, healthy, rogue = (lead + track[1:] for track in (done.sick, done.healthy, done.rogue))
    rest = (*lead, Stretch(sum(s.steps for s in healthy[2:]), base))
    return Scenario(sick, rest, rogue)


def _growth(case: Case) -> Scenario:
    assert isinstance(case.condition, sh.Grows)
    amount, within = fraction(case.condition.amount), case.clock.steps(case.condition.within)
    base = amount * 10
    near, ill = base + amount * F(4, 5), base + amount * F(8, 5)
    usual = Stretch(within + 2, base)
    held = Stretch(within + case.kept + 3, ill)  # it stays where it is, and the window moves on
    sick = (usual, Stretch(case.settle + case.held + 1, near), held)
    rest = sum(stretch.steps for stretch in sick[1:])
    return Scenario(sick, (usual, Stretch(rest, base)), (usual, Stretch(rest, base + amount * 100)))


def _filling(case: Case) -> Scenario:
    what = case.condition
    assert isinstance(what, sh.FillsIn)
    limit, ahead = fraction(what.limit), F(what.within // case.clock.step)
    trend = case.clock.steps(what.trend)
    base, slow, fast = limit / 5, limit * F(2, 5) / ahead, limit * 4 / ahead
    near = case.settle + case.held + 2
    ill = trend // 2 + case.held + 3
    before = Stretch(case.clock.steps(what.since) + 1, limit * 2)
    falls = (before, *_ramp(limit * 2, -slow, 5))  # over the limit for as long as anybody can see, but falling
    lead = Stretch(trend + 2, base)
    climb = _ramp(base, slow, near)
    rise = _ramp(base + slow * near, fast, ill)
    well = (Stretch(trend // 2 + case.kept, base),)
    sick = (*falls, lead, *climb, *rise, *well)
    start = Stretch(before.steps + 5 + lead.steps, base)
    rest = sum(stretch.steps for stretch in sick) - start.steps
    return Scenario(sick, (start, Stretch(rest, base)), (start, *_ramp(base, fast * 10, rest)))


def _overrunning(case: Case) -> Scenario:
    """Slow, fast, and at the start of the next period."""
    what = case.condition
    assert isinstance(what, sh.Overruns)
    step, trend, share = case.clock.step, case.clock.steps(what.trend), fraction(what.share)
    lead, near = trend + 2, case.settle + case.held + 2
    ill = trend // 2 + case.held + 3
    over = (lead + near + ill) * step
    base, slow, fast = (
        share / 10,
        share * F(2, 5) / _steps(what, lead * step, step),
        share * 4 / _steps(what, over, step),
    )
    level = base + slow * near
    sick = (
        Stretch(lead, base),
        *_ramp(base, slow, near),
        *_ramp(level, fast, ill),
        Stretch(trend // 2 + case.kept + 2, _NOTHING),
    )
    rest = sum(stretch.steps for stretch in sick) - lead
    return Scenario(sick, (Stretch(lead, base), Stretch(rest, base)), (Stretch(lead, base), *_ramp(base, fast, rest)))


def _steps(what: sh.Overruns, at: timedelta, step: timedelta) -> F:
    """Steps until the period ends."""
    return F(until(what.resets, at) // step)


def _burning(case: Case, of: sh.Indicator, limit: F, long: int, short: int) -> Scenario:
    """Levels are shares of bad: nothing for the long window, then more than its limit, until the short one is over."""
    wanted = 2 * short + 1  # steps of the incident until the long window is over the limit
    share = min(limit * long / (wanted + F(13, 20)), F(97, 100))  # between two samples, however a window counts
    near = limit * F(9, 10)
    if indicator.is_whole(of):
        share, near = F(1), _NOTHING
    until = int(limit * long / share) + 3
    lead, ill = Stretch(long + 2, _NOTHING), Stretch(until + case.held + 2, share)
    forgets = isinstance(case.condition, sh.Exhausted)  # only much that is good makes the window forget
    well = Stretch(short + 3, _NOTHING, F(1000) if forgets else F(1))
    healthy = (Stretch(lead.steps + ill.steps + well.steps, near),)
    rest = ill.steps + well.steps + lead.steps // 2
    stranger = _NOTHING if indicator.hides(of) else share
    rogue = (Stretch(lead.steps - lead.steps // 2, _NOTHING), Stretch(rest, stranger, F(1000)))
    return Scenario((lead, ill, well), healthy, rogue)


def _spending(case: Case) -> Scenario:
    what = case.condition
    assert isinstance(what, sh.Budget)
    window = what.forecast or what.rolling
    steps = case.clock.steps(window)
    pace = F(what.rolling // timedelta(seconds=1), window // timedelta(seconds=1))
    share = fraction(what.share) / pace / case.clock.per_step  # of the limit, per sample
    usual = Stretch(steps + 2, share * F(3, 10) / steps)
    near, ill = case.held + 2, case.held + 3
    slow = share * F(3, 10) / steps
    sick = (
        usual,
        Stretch(1, share * F(1, 2)),
        Stretch(near, slow),
        Stretch(1, share * F(3, 5)),
        Stretch(ill, slow),
        Stretch(steps - near, slow),
    )
    rest = sum(stretch.steps for stretch in sick) - usual.steps
    return Scenario(sick, (usual, Stretch(rest, slow)), (usual, Stretch(rest, share)))


def _stages(case: Case, well: F, near: F, ill: F, lead: int, rogue: F) -> Scenario:
    """Well, nearly ill, ill, well again; each with more traffic than before, until it recovers."""
    close = case.settle + case.held + 1
    window = case.clock.steps(window_of(case.measure) or _MINUTE)
    slow = window <= _SLOW  # then the incident leaves the window step by step, and shows how long the window is
    recovery = (window + 1 if slow else case.settle) + case.kept + 2
    sick = (
        Stretch(lead, well, F(1)),
        Stretch(close, near, _BUSY),
        Stretch(case.settle + case.held + 2, ill, _BUSY**2),
        Stretch(recovery, well, _BUSY**2 if slow else _BUSY**3),
    )
    rest = sum(stretch.steps for stretch in sick[1:])
    return Scenario(sick, (sick[0], Stretch(rest, well, _BUSY)), (sick[0], Stretch(rest, rogue, _BUSY**4)))


def _ramp(start: F, slope: F, steps: int) -> tuple[Stretch, ...]:
    return tuple(Stretch(1, start + slope * (i + 1)) for i in range(steps))


def _base(case: Case, factor: F) -> F:
    """A level that leaves room for the change, and is above the guard's floor."""
    highest = top(case.measure)
    if highest is None:
        return max(F(10), case.floor * 3)
    return highest / (2 * max(factor, F(1)))


def _lookback(measure: sh.Measure, condition: sh.Condition) -> tuple[timedelta, int]:
    match condition:
        case sh.Burn(long=back):
            return back, _SHORT_TESTS
        case sh.Exhausted() as what:
            return 2 * what.since, _SHORT_TESTS
        case sh.Budget(rolling=rolling, forecast=forecast):
            return forecast or rolling, _SHORT_TESTS
        case sh.Grows(within=back) | sh.FillsIn(trend=back) | sh.Overruns(trend=back):
            return back, _SHORT_TESTS
        case sh.Rises(versus=back) | sh.Drops(versus=back) | sh.Deviates(over=back) | sh.Strays(over=back):
            return back, _LONG_TESTS
    if isinstance(measure, sh.Ratio | sh.Mean | sh.Quantile):
        return timedelta(0), _LONG_TESTS
    return window_of(measure) or timedelta(0), _SHORT_TESTS
