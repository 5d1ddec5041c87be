"""Samples in promtool's notation: `0+60x10`, `_x5`, `stale`.

Steps of a counter are whole numbers or multiples of 1/1024: promtool adds them up as floats, and a rounding error
would look like a counter reset.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .track import Clock, Track

GRAIN = 1024
_WHOLE = 4096  # from here on a counter's steps are whole numbers

Run = tuple[Fraction | None, Fraction, int]  # first value, difference, samples


def grained(value: Fraction) -> Fraction:
    """The nearest step that a float can add up without an error."""
    return Fraction(round(value)) if value >= _WHOLE else Fraction(round(value * GRAIN), GRAIN)


def counter(steps: Iterable[tuple[Fraction | None, int]]) -> str:
    """A counter: each pair is an increase per sample and how many samples have it.

    It starts at what it will rise by. Prometheus reckons what was before a window's first sample, down to zero at most:
    near zero that bends the share of two counters. From version 3 on each window begins with such a reckoning.
    """
    steps = list(steps)
    value = sum((increase * samples for increase, samples in steps if increase is not None), Fraction(0))
    runs: list[Run] = [(value, Fraction(0), 1)]
    for increase, samples in steps:
        if increase is None:
            runs.append((None, Fraction(0), samples))
            continue
        runs.append((value + increase, increase, samples))
        value += increase * samples
    return _text(runs)


def gauge(levels: Iterable[tuple[Fraction | None, int]]) -> str:
    """A gauge: each pair is a value and how many samples have it; the first value stands at time zero too."""
    runs: list[Run] = [(level, Fraction(0), samples) for level, samples in levels]
    first = runs[0]
    return _text([(first[0], first[1], first[2] + 1), *runs[1:]])


def native(steps: Iterable[tuple[tuple[Fraction, Fraction] | None, int]], limit: Fraction) -> str:
    """A native histogram: each pair is how many values come below and above a limit per sample, and its samples.

    Buckets double: the last that ends at or below the limit, and the first that begins at or above it.
    """
    steps = list(steps)
    known = [(counts, samples) for counts, samples in steps if counts is not None]
    held = [sum((counts[side] * samples for counts, samples in known), Fraction(0)) for side in (0, 1)]
    words = [_buckets(held[0], held[1], limit)]
    for counts, samples in steps:
        if counts is None:
            words.append("stale" if samples == 1 else f"stale _x{samples - 1}")
            continue
        held = [have + more for have, more in zip(held, counts, strict=True)]
        words.append(f"{_buckets(held[0], held[1], limit)}+{_buckets(*counts, limit)}x{samples - 1}")
        held = [have + more * (samples - 1) for have, more in zip(held, counts, strict=True)]
    return " ".join(words)


def _buckets(below: Fraction, above: Fraction, limit: Fraction) -> str:
    under = math.floor(math.log2(limit))
    between = math.ceil(math.log2(limit)) - under
    counts = " ".join((number(below), *["0"] * between, number(above)))
    total = number(below + above)
    return f"{{{{schema:0 count:{total} sum:{total} offset:{under} buckets:[{counts}]}}}}"


def timestamp(ages: Iterable[tuple[Fraction | None, int]], scrape: Fraction) -> str:
    """A gauge that holds a time: each pair is how long ago that is, in seconds, and how many samples say so."""
    runs: list[Run] = []
    at = Fraction(0)
    for age, samples in ages:
        more = samples + (not runs)
        runs.append((None if age is None else at - age, scrape, more))
        at += scrape * more
    return _text(runs)


def samples(track: Track, clock: Clock) -> Iterator[tuple[Fraction | None, int]]:
    """Levels and how many samples have each."""
    for stretch in track:
        yield stretch.level, stretch.steps * clock.per_step


def number(value: Fraction) -> str:
    """Without an exponent, and exact where the decimal ends within twelve places."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.12f}".rstrip("0").rstrip(".")


def _text(runs: Iterable[Run]) -> str:
    words: list[str] = []
    for first, difference, count in _merged(runs):
        if first is None:
            words.append("stale" if count == 1 else f"stale _x{count - 1}")
        elif count == 1:
            words.append(number(first))
        else:
            sign = "-" if difference < 0 else "+"
            words.append(f"{number(first)}{sign}{number(abs(difference))}x{count - 1}")
    return " ".join(words)


def _merged(runs: Iterable[Run]) -> Iterator[Run]:
    held: Run | None = None
    for run in runs:
        if not run[2]:
            continue
        if held is not None and (joined := _joined(held, run)):
            held = joined
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held


def _joined(one: Run, two: Run) -> Run | None:
    if one[0] is None or two[0] is None:
        return (None, Fraction(0), one[2] + two[2]) if one[0] is two[0] else None
    if one[2] == 1 and two[0] - one[0] == two[1]:
        return one[0], two[1], two[2] + 1
    follows = two[0] == one[0] + one[1] * one[2]
    return (one[0], one[1], one[2] + two[2]) if follows and (one[1] == two[1] or two[2] == 1) else None
