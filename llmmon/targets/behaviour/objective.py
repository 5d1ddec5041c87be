"""Objectives in tests: the level of a track is the share of what is counted that is bad.

What is counted is events, which two counters or a histogram bring to that share, or moments, which a value makes good
or bad.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, assert_never

from llmmon import promql
from llmmon.plan import shapes as sh
from llmmon.plan.indicators import of_events

from . import model
from .choose import Unsatisfiable
from .series import EVENTS, Cell, cells
from .track import fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .model import Truth, Values
    from .series import Level
    from .track import Clock, Stretch, Track

    _Change = Callable[[Stretch], Stretch]

BASE = timedelta(minutes=5)  # the window of the rates that objectives add up
_HALF = Fraction(1, 2)
_CLOSE = Fraction(1, 20)  # how near its limit a value is that is just good

Counted = tuple["Values", "Values"]  # bad and total at each step


def cells_of(what: sh.Indicator, clock: Clock) -> tuple[Cell, ...]:
    """The series of an objective."""
    match what:
        case sh.Ratio(sense=sense):
            return tuple(_with(cells(what, clock), _flipped if sense == "good" else _same))
        case sh.Pair():
            return tuple(_pair(what, clock))
        case sh.Slower(histogram, limit):
            return (Cell(histogram, "native", lambda s: (s.level or 0) * s.volume * EVENTS, limit=fraction(limit)),)
        case sh.Raw(value, sense):
            return tuple(_with(cells(value, clock), _flipped if sense == "good" else _same))
        case sh.Timed(value):
            good, bad = levels(what)
            return tuple(_with(cells(value, clock), lambda s: replace(s, level=bad if _is_bad(s) else good)))
        case sh.Slices(inner, _, allowed):
            good, bad = _sliced(inner, fraction(allowed))
            return tuple(_with(cells_of(inner, clock), lambda s: replace(s, level=bad if _is_bad(s) else good)))
        case sh.Composite(parts):
            return tuple(_together([cells_of(part, clock) for part, _ in parts]))
    assert_never(what)


def is_native(what: sh.Indicator) -> bool:
    """Whether its series are native histograms, which tests can hold from promtool 2.48 on."""
    match what:
        case sh.Slices(inner):
            return is_native(inner)
        case sh.Composite(parts):
            return any(is_native(part) for part, _ in parts)
    return isinstance(what, sh.Slower)


def is_whole(what: sh.Indicator) -> bool:
    """Whether at each moment all is bad or nothing is."""
    match what:
        case sh.Composite(parts):
            return any(is_whole(part) for part, _ in parts)
    return isinstance(what, sh.Timed | sh.Slices)


def hides(what: sh.Indicator) -> bool:
    """Whether somebody else's series hides what is bad where it is good itself, and not the other way round."""
    match what:
        case sh.Timed(sh.Gauge(how=how), side):
            return how == ("max" if side == "above" else "min")
        case sh.Timed(sh.Age(how=how), side):
            return how == ("max" if side == "below" else "min")
        case sh.Slices(inner):
            return hides(inner)
    return False


def windows(what: sh.Indicator) -> Iterator[sh.Measure]:
    """The measures whose windows set how often a series needs a sample."""
    match what:
        case sh.Ratio():
            yield what
        case sh.Pair():
            yield sh.Rate((), "rate", BASE)
        case sh.Slower(histogram, _, window):
            yield sh.Rate((histogram,), "rate", window)
        case sh.Raw(value) | sh.Timed(value):
            yield value
            yield from (sh.Rate((), "rate", window) for window in _ranges(value))
        case sh.Slices(inner):
            yield from windows(inner)
        case sh.Composite(parts):
            for other, _ in parts:
                yield from windows(other)
        case _:
            assert_never(what)


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
            played = _changed(track, _flipped if sense == "good" else _same)
            level = _values(value, played, clock, short)
            return _moments([None if v is None else 1 - v if sense == "good" else v for v in level])
        case sh.Timed(value, side, limit):
            good, bad = levels(what)
            played = _changed(track, lambda s: replace(s, level=bad if _is_bad(s) else good))
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


def levels(what: sh.Timed) -> tuple[Fraction, Fraction]:
    """A value that is just good, and one that is bad."""
    limit, top = fraction(what.limit), _top(what.value)
    above = what.side == "above"
    up, down = limit + abs(limit) * _CLOSE or Fraction(1), limit - abs(limit) * _HALF
    if limit == 0:
        up, down = Fraction(1), Fraction(-1)
    if not above:
        up, down = limit + abs(limit) * _HALF or Fraction(1), limit - abs(limit) * _CLOSE
    if top is not None:
        up = min(up, (limit + top) / 2)
    return (up, down) if above else (down, up)


def _values(value: sh.Measure, track: Track, clock: Clock, short: bool) -> Values:
    """An expression that rates counters follows them as slowly as a ratio of such."""
    ranges = _ranges(value)
    if not ranges:
        return model.values(value, track, clock, short)
    even = tuple(replace(s, volume=Fraction(1)) for s in track)
    return model.values(sh.Ratio((), (), "bad", max(ranges), Decimal(1)), even, clock, short)


def _ranges(value: sh.Measure) -> list[timedelta]:
    if not isinstance(value, sh.Expression):
        return []
    found = (node for node in promql.walk(promql.parse(value.text)) if isinstance(node, promql.Range))
    return [timedelta(milliseconds=node.range) for node in found]


def _top(value: sh.Measure) -> Fraction | None:
    match value:
        case sh.Ratio(scale=scale):
            return fraction(scale)
        case sh.Quantile(buckets=buckets) if buckets:
            return fraction(max(buckets))
        case sh.Usage():
            return Fraction(1)
    return None


def _sliced(inner: sh.Indicator, allowed: Fraction) -> tuple[Fraction, Fraction]:
    """Shares of bad within a slice that is good, and within one that is not."""
    if is_whole(inner):
        return Fraction(0), Fraction(1)
    return allowed * Fraction(9, 10), (1 + allowed) / 2


def _pair(what: sh.Pair, clock: Clock) -> Iterator[Cell]:
    per_second = EVENTS / Fraction(clock.scrape.total_seconds())

    def part(s: Stretch) -> Stretch:
        share = (s.level or Fraction(0)) if what.sense == "bad" else 1 - (s.level or Fraction(0))
        return replace(s, level=share * s.volume * per_second)

    def total(s: Stretch) -> Stretch:
        return replace(s, level=s.volume * per_second)

    one, two = cells(what.part, clock), cells(what.total, clock)
    yield from _together([tuple(_with(one, part)), tuple(_with(two, total))])


def _together(every: list[tuple[Cell, ...]]) -> Iterator[Cell]:
    seen: set[str | None] = set()
    for some in every:
        names = {cell.selector.name for cell in some}
        if seen & names:
            raise Unsatisfiable(f"its parts read the same metric, {min(map(str, seen & names))}")
        seen |= names
        yield from some


def _with(found: tuple[Cell, ...], change: _Change) -> Iterator[Cell]:
    """The same series, with the level that a changed stretch gives them."""

    def changed(level: Level) -> Level:
        return lambda s: level(change(s))

    for cell in found:
        yield replace(cell, level=changed(cell.level))


def _same(s: Stretch) -> Stretch:
    return s


def _flipped(s: Stretch) -> Stretch:
    return replace(s, level=None if s.level is None else 1 - s.level)


def _is_bad(s: Stretch) -> bool:
    return (s.level or 0) > _HALF


def _changed(track: Track, change: _Change) -> Track:
    return tuple(map(change, track))


def _events(track: Track, window: timedelta, clock: Clock, short: bool) -> Counted:
    bad = tuple(replace(s, level=None if s.level is None else s.level * s.volume) for s in track)
    total = tuple(replace(s, level=s.volume) for s in track)
    return model.increases(bad, window, clock, short), model.increases(total, window, clock, short)


def _moments(bad: Values) -> Counted:
    return bad, [None if share is None else 1.0 for share in bad]


def _slices(what: sh.Slices, track: Track, clock: Clock, short: bool) -> Counted:
    good, bad = _sliced(what.inner, fraction(what.allowed))
    played = _changed(track, lambda s: replace(s, level=bad if _is_bad(s) else good))
    inner = counted(what.inner, played, clock, short)
    base = what.width if of_events(what.inner) else None
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
