"""Reads time intervals such as `weekdays 22:00-07:00 Europe/Berlin`, and answers whether a moment is inside one."""

from __future__ import annotations

import re
import zoneinfo
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from llmmon.plan.fleet import Interval, Span
from llmmon.problem import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from llmmon.problem import Origin

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SETS = {"weekdays": range(5), "weekends": range(5, 7), "daily": range(7)}
MIDNIGHT = 24 * 60
EXAMPLE = "write `weekdays 09:00-17:00 Europe/Berlin`"

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})\Z")


def lower_interval(text: str, origin: Origin) -> tuple[Interval | None, list[Problem]]:
    """The interval that `[DAYS] [TIMES] ZONE` names; days and times default to all.

    Days are `weekdays`, `weekends`, `daily`, `mon` or `fri-mon`, times `09:00-17:00`, each several with commas between.
    A range across midnight belongs to the day on which it starts: its second part is a span of the day after.
    """
    reader = _Reader(text, origin)
    interval = reader.interval()
    return (None, reader.problems) if reader.problems else (interval, [])


def covers(interval: Interval, at: datetime) -> bool:
    """Whether the moment, which has a time zone, is inside; by the clock on the wall of the interval's zone."""
    local = at.astimezone(zoneinfo.ZoneInfo(interval.location))
    minute = local.hour * 60 + local.minute
    return any(local.weekday() in span.weekdays and span.start <= minute < span.end for span in interval.spans)


class _Reader:
    def __init__(self, text: str, origin: Origin) -> None:
        self.text, self.origin = text, origin
        self.problems: list[Problem] = []

    def interval(self) -> Interval | None:
        words = [(match[0], match.start()) for match in re.finditer(r"[^\s,]+(?:\s*,\s*[^\s,]+)*", self.text)]
        zone = words.pop() if words and not _is_days_or_times(words[-1][0]) else None
        times = words.pop() if words and ":" in words[-1][0] else None
        days = words.pop() if words else None
        if words:
            self._wrong(f"{self.text!r} is more than days, times and a zone: {EXAMPLE}")
            return None
        spans = _spans(self._days(days), self._times(times))
        return Interval(" ".join(self.text.split()), spans, self._zone(zone), self.origin)

    def _days(self, word: tuple[str, int] | None) -> set[int]:
        days: set[int] = set()
        for part, at in _parts(word):
            first, dash, last = part.lower().partition("-")
            start, end = _day(first), _day(last) if dash else _day(first)
            if not dash and first in SETS:
                days.update(SETS[first])
            elif start is None or end is None:
                self._wrong(f"unknown days {part!r}: write `weekdays`, `weekends`, `mon` or `mon-fri`", (part, at))
            else:
                days.update(day % 7 for day in range(start, end + (7 if end < start else 0) + 1))
        return days if word else set(range(7))

    def _times(self, word: tuple[str, int] | None) -> list[tuple[int, int]]:
        out = []
        for part, at in _parts(word):
            start, end = (_minute(clock) for clock in (*part.split("-"), "", "")[:2])
            if start is None or end is None or part.count("-") != 1 or start == MIDNIGHT:
                self._wrong(f"{part!r} is no range of times: write `09:00-17:00`, at most `00:00-24:00`", (part, at))
            elif start == end:
                self._wrong(f"{part!r} is empty: for the whole day leave the time out", (part, at))
            else:
                out.append((start, end))
        return out if word else [(0, MIDNIGHT)]

    def _zone(self, word: tuple[str, int] | None) -> str:
        if word is None:
            self._wrong(f"{self.text!r} has no time zone: {EXAMPLE}")
            return "UTC"
        zone, _ = word
        if not _zones():
            self._wrong("this machine has no time zone database: install the package `tzdata`")
        elif zone not in _zones():
            like = {name.lower(): name for name in _zones()}
            close = get_close_matches(zone.lower(), like, 1, 0.6)
            hint = f"did you mean `{like[close[0]]}`?" if close else "write one such as `Europe/Berlin` or `UTC`"
            self._wrong(f"unknown time zone {zone!r}: {hint}", word)
        return zone

    def _wrong(self, message: str, word: tuple[str, int] | None = None) -> None:
        span = (word[1], word[1] + len(word[0])) if word else None
        self.problems.append(Problem(self.origin.at(span=span), message, "time-interval"))


def _parts(word: tuple[str, int] | None) -> list[tuple[str, int]]:
    return [(m[0], word[1] + m.start()) for m in re.finditer(r"[^\s,]+", word[0])] if word else []


def _is_days_or_times(word: str) -> bool:
    names = [name for part in word.lower().split(",") for name in part.strip().split("-")]
    return ":" in word or "," in word or all(name in SETS or _day(name) is not None for name in names)


def _day(name: str) -> int | None:
    if name in DAYS:
        return DAYS.index(name)
    return NAMES.index(name) if name in NAMES else None


def _minute(clock: str) -> int | None:
    match = _CLOCK.match(clock)
    if not match or int(match[2]) > 59:
        return None
    minute = int(match[1]) * 60 + int(match[2])
    return minute if minute <= MIDNIGHT else None


def _spans(days: set[int], times: list[tuple[int, int]]) -> tuple[Span, ...]:
    out = []
    for start, end in times:
        out.append(Span(tuple(sorted(days)), start, end if start < end else MIDNIGHT))
        if 0 < end < start:
            out.append(Span(tuple(sorted((day + 1) % 7 for day in days)), 0, end))
    return tuple(out)


@cache
def _zones() -> frozenset[str]:
    """Names as the time zone database spells them: a file system may not care about case, Alertmanager's does."""
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime"})
