"""What an alert must do, worked out without PromQL: values of a measure, truth of a condition, state of the alert.

Prometheus 2 counts the sample at the very start of a window and Prometheus 3 does not. Everything here is worked out
both ways (`short` leaves that sample out), and a test asserts only what both agree on, by a margin.
"""

from __future__ import annotations

import math
from datetime import timedelta
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from llmmon.plan import shapes as sh

from .histogram import quantile, shares
from .track import fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .track import Clock, Stretch, Track

State = Literal["", "pending", "firing"]
Values = list[float | None]
Truth = list[bool | None]  # None: too close to say, or not known
LEFT = timedelta(days=30)  # what a gauge says of the time until a reset
RESET = timedelta(days=400)  # what a gauge says of its time, since 1970
_DAY = timedelta(days=1)
_MARGIN = 0.0005


def values(what: sh.Measure, track: Track, clock: Clock, short: bool) -> Values:
    """The measure at each step; None where there is no such series."""
    match what:
        case sh.Rate(window=window):
            return _rate(track, window, clock, short)
        case sh.Usage(rated=window) if window is not None:
            return _rate(track, window, clock, short)
        case sh.Ratio(window=window) | sh.Mean(window=window):
            return _share(track, window, clock, short)
        case sh.Quantile():
            return _quantile(track, what, clock, short)
        case sh.Gauge(smooth=window) if window is not None:
            return _smooth(track, window, clock, short)
    levels = [[None if stretch.level is None else float(stretch.level)] * stretch.steps for stretch in track]
    return [levels[0][0], *(level for stretch in levels for level in stretch)]


def truth(found: Values, what: sh.Condition, clock: Clock, short: bool) -> Truth:
    """Whether the condition holds at each step."""
    match what:
        case sh.Absent():
            return [value is None for value in found]
        case sh.Above(limit, reached):
            return _each(found, lambda value: (reached and value == float(limit)) or above(value, float(limit)))
        case sh.Stale(age):
            return _each(found, lambda value: above(value, age.total_seconds()))
        case sh.Below(limit):
            return _each(found, lambda value: above(-value, -float(limit)))
    return [False if value is None else _holds(found, i, value, what, clock, short) for i, value in enumerate(found)]


def both(one: Truth, two: Truth) -> Truth:
    """And, as far as both are known."""
    return [False if a is False or b is False else a and b for a, b in zip(one, two, strict=True)]


def states(holds: Truth, hold: timedelta, keep: timedelta, clock: Clock) -> list[State | None]:
    """The alert's state at each step; None where it depends on what is too close to say."""
    sure = _states([bool(item) for item in holds], hold, keep, clock)
    if None not in holds:
        return [*sure]
    other = _states([item is not False for item in holds], hold, keep, clock)
    return [a if a == b else None for a, b in zip(sure, other, strict=True)]


def above(value: float, limit: float) -> bool | None:
    """value > limit; None where it is within the margin. Equal by construction is not above."""
    if value == limit:
        return False
    room = min(abs(limit), 1 - abs(limit)) if 0 < abs(limit) < 1 else abs(limit)  # shares crowd at both ends
    return None if abs(value - limit) <= _MARGIN * room else value > limit


def increases(track: Track, window: timedelta, clock: Clock, short: bool) -> Values:
    """What levels add up to over a window; a level is what one sample adds."""
    rates = _rate(track, window, clock, short)
    return [None if rate is None else rate * (window // clock.scrape) for rate in rates]


def _each(found: Values, holds: Callable[[float], bool | None]) -> Truth:
    """One verdict for each value: most steps have the same few."""
    verdicts = {value: False if value is None else holds(value) for value in set(found)}
    return [verdicts[value] for value in found]


def _states(holds: Sequence[bool], hold: timedelta, keep: timedelta, clock: Clock) -> list[State]:
    out: list[State] = []
    since: int | None = None  # when it became true
    until: int | None = None  # when a firing one became false
    state: State = ""
    for i, now in enumerate(holds):
        if now:
            until = None
            since = i if since is None else since
            state = "firing" if (i - since) * clock.step >= hold or state == "firing" else "pending"
        elif state == "firing":
            until = i if until is None else until
            if (i - until) * clock.step >= keep:
                state, since, until = "", None, None
        else:
            state, since = "", None
        out.append(state)
    return out


def _holds(found: Values, i: int, value: float, what: sh.Condition, clock: Clock, short: bool) -> bool | None:
    match what:
        case sh.Rises(_, back, True) | sh.Drops(_, back, True) | sh.Deviates(_, back) | sh.Strays(_, back) if (
            _ago(found, i, sh.half(back), clock) is None
        ):
            return False
        case sh.Rises(factor, versus, mean) | sh.Drops(factor, versus, mean):
            sign = 1 if isinstance(what, sh.Rises) else -1
            past = _mean(_window(found, i, versus, clock, short)) if mean else _ago(found, i, versus, clock)
            return False if past is None else above(sign * value, sign * float(factor) * past)
        case sh.Strays(tolerance, over):
            mean_ = _mean(_window(found, i, over, clock, short))
            return above(abs(value / mean_ - 1), float(tolerance)) if mean_ else None
        case sh.Deviates(sigma, over, floor):
            seen = _window(found, i, over, clock, short)
            mean_ = _mean(seen) or 0.0
            spread = math.sqrt(sum((item - mean_) ** 2 for item in seen) / len(seen)) if seen else 0.0
            off = abs(value - mean_)
            sides = [above(off, float(sigma) * spread), above(off, float(floor) * abs(mean_))]
            return False if False in sides else None if None in sides else True
        case sh.Grows(amount, within):
            seen = _window(found, i, within, clock, short)
            if len(seen) < 2:
                return False
            whole = within // clock.step
            covered = min(whole, len(seen)) if len(seen) <= whole - 1 else whole
            return above((seen[-1] - seen[0]) * covered / (len(seen) - 1), float(amount))
        case sh.FillsIn(limit, within, trend):
            if _ago(found, i, what.since, clock) is None:
                return False
            return _fills(_window(found, i, trend, clock, short), within / clock.step, float(limit))
        case sh.Overruns(share, trend, resets):
            seen = _window(found, i, trend, clock, short)
            if _ago(found, i, what.since, clock) is None or len(seen) < 2:
                return False
            rise = max(0.0, _slope(seen)) * (until(resets, clock.step * i) / clock.step)
            return above(value + rise, float(share))
    return None


def until(resets: sh.Resets, at: timedelta) -> timedelta:
    """How long after a time since 1970, when all tests begin, the period ends."""
    match resets.every:
        case "day":
            return _DAY - at % _DAY
        case "week":
            return 7 * _DAY - (at + 3 * _DAY) % (7 * _DAY)
        case "month":
            return 31 * _DAY - at
    return LEFT if resets.left else RESET - at


def _slope(seen: Sequence[float]) -> float:
    """Of the line through evenly spaced values, per step."""
    middle, mean = (1 - len(seen)) / 2, sum(seen) / len(seen)
    return sum((x - middle) * (y - mean) for x, y in zip(range(1 - len(seen), 1), seen, strict=True)) / sum(
        (x - middle) ** 2 for x in range(1 - len(seen), 1)
    )


def _fills(seen: Sequence[float], ahead: float, limit: float) -> bool | None:
    if len(seen) < 2:
        return False
    middle, mean, slope = (1 - len(seen)) / 2, sum(seen) / len(seen), _slope(seen)
    if slope <= 1e-9 * abs(mean):
        return False if slope < -1e-9 * abs(mean) or mean - slope * middle < limit else None
    return above(mean - slope * middle + slope * ahead, limit)


def _ago(found: Values, i: int, versus: timedelta, clock: Clock) -> float | None:
    j = i - versus // clock.step
    return found[j] if j >= 0 else None


def _window(found: Values, i: int, over: timedelta, clock: Clock, short: bool) -> list[float]:
    start = max(0, i - over // clock.step + short)
    return [item for item in found[start : i + 1] if item is not None]


def _mean(seen: Sequence[float]) -> float | None:
    return sum(seen) / len(seen) if seen else None


def _ends(track: Track, window: timedelta, clock: Clock, short: bool) -> list[tuple[int, int]]:
    """For each step, the samples whose increases are in the window: from, to."""
    count, each = window // clock.scrape - short, clock.per_step
    return [(end - count, end) for end in range(0, each * sum(s.steps for s in track) + 1, each)]


def _rate(track: Track, window: timedelta, clock: Clock, short: bool) -> Values:
    """Mean level of the window; not known before it is full."""
    sums = _sums(track, clock, lambda s: float(s.level or 0))
    return [(sums[b] - sums[a]) / (b - a) if b > a >= 0 else None for a, b in _ends(track, window, clock, short)]


def _share(track: Track, window: timedelta, clock: Clock, short: bool) -> Values:
    tops = _sums(track, clock, lambda s: float(s.volume * (s.level or 0)))
    bottoms = _sums(track, clock, lambda s: float(s.volume))
    ends = ((max(a, 0), b) for a, b in _ends(track, window, clock, short))
    return [(tops[b] - tops[a]) / (bottoms[b] - bottoms[a]) if b > a else None for a, b in ends]


def _quantile(track: Track, what: sh.Quantile, clock: Clock, short: bool) -> Values:
    bounds, q = [fraction(bound) for bound in what.buckets], fraction(what.q)

    def counts(s: Stretch) -> list[float]:
        return [float(share * s.volume) for share in shares(s.level or Fraction(0), q, bounds)]

    by_bucket = zip(*(counts(s) for s in track), strict=True)
    columns = [_sums(track, clock, dict(zip(track, column, strict=True)).__getitem__) for column in by_bucket]
    total = _sums(track, clock, lambda s: float(s.volume))
    floats = [float(bound) for bound in bounds]
    out: Values = []
    for a, b in _ends(track, what.window, clock, short):
        start = max(a, 0)
        seen = [column[b] - column[start] for column in columns]
        out.append(quantile(float(q), seen, total[b] - total[start], floats) if b > start else None)
    return out


def _smooth(track: Track, window: timedelta, clock: Clock, short: bool) -> Values:
    sums = _sums(track, clock, lambda s: float(s.level or 0), first=True)
    ends = ((max(a, 0), b + 1) for a, b in _ends(track, window, clock, short))
    return [(sums[b] - sums[a]) / (b - a) for a, b in ends]


def _sums(track: Track, clock: Clock, value: Callable[[Stretch], float], first: bool = False) -> list[float]:
    """Running sums of what each sample adds; with `first` the sample at time zero adds too."""
    each: list[float] = [value(track[0])] if first else []
    for stretch in track:
        each += [value(stretch)] * (stretch.steps * clock.per_step)
    return [0.0, *accumulate(each)]
