"""Whether an objective burns its budget on a track, or has used it up: what is recorded of it, and its shares.

The level of a track is the share of what is counted that is bad.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, assert_never

from llmmon.classes import replace
from llmmon.plan import shapes as sh
from llmmon.plan.indicators import of_events

from . import model
from .indicator import BASE, flipped, is_bad, levels, ranges, same, sliced
from .track import fraction

if TYPE_CHECKING:
    from datetime import timedelta

    from .indicator import Change
    from .model import Truth, Values
    from .track import Clock, Track

Counted = tuple["Values", "Values"]  # bad and total at each step


def burns(what: sh.Burn, track: Track, clock: Clock, short: bool) -> Truth:
    """Whether both windows are over the limit at each step."""
    found = counted(what.of, track, clock, short)
    limit = float(what.factor * what.budget)
    base = BASE if of_events(what.of) else None
    return model.both(*(_over(found, limit, window, base, clock, short) for window in (what.long, what.short)))


def is_used_up(what: sh.Exhausted, track: Track, clock: Clock, short: bool) -> Truth:
    """Whether the window is over the budget at each step, and has been measured for long enough."""
    found = counted(what.of, track, clock, short)
    over = _over(found, float(what.budget), what.window, None, clock, short)
    back = what.since // clock.step
    known: Truth = [i >= back and found[1][i - back] is not None for i in range(len(over))]
    return model.both(over, known)


def counted(what: sh.Indicator, track: Track, clock: Clock, short: bool) -> Counted:
    """What is recorded of both sides at each step; None where there is no such series."""
    match what:
        case sh.Ratio(window=window) | sh.Slower(window=window):
            return _events(track, window, clock, short)
        case sh.Pair():
            return _events(track, BASE, clock, short)
        case sh.Raw(value, sense):
            played = _changed(track, flipped if sense == "good" else same)
            level = _values(value, played, clock, short)
            return _moments([None if v is None else 1 - v if sense == "good" else v for v in level])
        case sh.Timed(value, side, limit):
            good, bad = levels(what)
            played = _changed(track, lambda s: replace(s, level=bad if is_bad(s) else good))
            found = _values(value, played, clock, short)
            edge = float(limit)
            return _moments([None if v is None else float(v <= edge if side == "above" else v >= edge) for v in found])
        case sh.Slices():
            return _slices(what, track, clock, short)
        case sh.Composite(parts):
            every = [(counted(part, track, clock, short), float(weight)) for part, weight in parts]
            one, two = (_sum([(pair[side], weight) for pair, weight in every]) for side in (0, 1))
            return one, two
    assert_never(what)


def _values(value: sh.Measure, track: Track, clock: Clock, short: bool) -> Values:
    """An expression that rates counters follows them as slowly as a ratio of such."""
    found = ranges(value)
    if not found:
        return model.values(value, track, clock, short)
    even = tuple(replace(s, volume=Fraction(1)) for s in track)
    return model.values(sh.Ratio((), (), "bad", max(found), Decimal(1)), even, clock, short)


def _changed(track: Track, change: Change) -> Track:
    return tuple(map(change, track))


def _events(track: Track, window: timedelta, clock: Clock, short: bool) -> Counted:
    bad = tuple(replace(s, level=None if s.level is None else s.level * s.volume) for s in track)
    total = tuple(replace(s, level=s.volume) for s in track)
    return model.increases(bad, window, clock, short), model.increases(total, window, clock, short)


def _moments(bad: Values) -> Counted:
    return bad, [None if share is None else 1.0 for share in bad]


def _slices(what: sh.Slices, track: Track, clock: Clock, short: bool) -> Counted:
    good, bad = sliced(what.inner, fraction(what.allowed))
    played = _changed(track, lambda s: replace(s, level=bad if is_bad(s) else good))
    inner = counted(what.inner, played, clock, short)
    base = None
    if of_events(what.inner):
        base = BASE if isinstance(what.inner, sh.Pair) else what.width
    return _moments(
        [
            None if share is None else float(share > what.allowed)
            for share in shares(inner, what.width, base, clock, short)
        ]
    )


def _over(found: Counted, limit: float, window: timedelta, base: timedelta | None, clock: Clock, short: bool) -> Truth:
    seen = shares(found, window, base, clock, short)
    verdicts = {share: False if share is None else model.above(share, limit) for share in set(seen)}
    return [verdicts[share] for share in seen]


def shares(found: Counted, window: timedelta, base: timedelta | None, clock: Clock, short: bool) -> Values:
    """Bad over total of a window: of rates over that window their quotient, else of the sums."""
    bad, total = found
    if window == base:
        return [b / t if t and b is not None else None for b, t in zip(bad, total, strict=True)]
    bads, totals = ([0.0, *accumulate(item or 0 for item in side)] for side in found)
    steps = max(window // clock.step - short, 0)
    starts = [max(0, i - steps) for i in range(len(bad))]
    sums = [(bads[i + 1] - bads[start], totals[i + 1] - totals[start]) for i, start in enumerate(starts)]
    return [b / t if t else None for b, t in sums]


def _sum(terms: list[tuple[Values, float]]) -> Values:
    columns = zip(*([None if v is None else weight * v for v in side] for side, weight in terms), strict=True)
    return [
        sum(v for v in column if v is not None) if any(v is not None for v in column) else None for column in columns
    ]
