"""What an objective reads: the series that bring it to a share of bad, which is the level of its tracks.

What is counted is events, which two counters or a histogram bring to that share, or moments, which a value makes good
or bad.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from llmmon import promql
from llmmon.classes import replace
from llmmon.plan import shapes as sh

from .choose import Unsatisfiable
from .series import EVENTS, Cell, cells
from .track import fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .series import Level
    from .track import Clock, Stretch

    Change = Callable[[Stretch], Stretch]

BASE = timedelta(minutes=5)  # the window of the rates that objectives add up
_HALF = Fraction(1, 2)
_CLOSE = Fraction(1, 20)  # how near its limit a value is that is just good


def cells_of(what: sh.Indicator, clock: Clock) -> tuple[Cell, ...]:
    """The series of an objective."""
    match what:
        case sh.Ratio(sense=sense):
            return tuple(_with(cells(what, clock), flipped if sense == "good" else same))
        case sh.Pair():
            return tuple(_pair(what, clock))
        case sh.Slower(histogram, limit):
            return (Cell(histogram, "native", lambda s: (s.level or 0) * s.volume * EVENTS, limit=fraction(limit)),)
        case sh.Raw(value, sense):
            return tuple(_with(cells(value, clock), flipped if sense == "good" else same))
        case sh.Timed(value):
            good, bad = levels(what)
            return tuple(_with(cells(value, clock), lambda s: replace(s, level=bad if is_bad(s) else good)))
        case sh.Slices(inner, _, allowed):
            good, bad = sliced(inner, fraction(allowed))
            return tuple(_with(cells_of(inner, clock), lambda s: replace(s, level=bad if is_bad(s) else good)))
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
            yield from (sh.Rate((), "rate", window) for window in ranges(value))
        case sh.Slices(inner):
            yield from windows(inner)
        case sh.Composite(parts):
            for other, _ in parts:
                yield from windows(other)
        case _:
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


def sliced(inner: sh.Indicator, allowed: Fraction) -> tuple[Fraction, Fraction]:
    """Shares of bad within a slice that is good, and within one that is not."""
    if is_whole(inner):
        return Fraction(0), Fraction(1)
    return allowed * Fraction(9, 10), (1 + allowed) / 2


def same(s: Stretch) -> Stretch:
    return s


def flipped(s: Stretch) -> Stretch:
    return replace(s, level=None if s.level is None else 1 - s.level)


def is_bad(s: Stretch) -> bool:
    return (s.level or 0) > _HALF


def ranges(value: sh.Measure) -> list[timedelta]:
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


def _with(found: tuple[Cell, ...], change: Change) -> Iterator[Cell]:
    """The same series, with the level that a changed stretch gives them."""

    def changed(level: Level) -> Level:
        return lambda s: level(change(s))

    for cell in found:
        yield replace(cell, level=changed(cell.level))
