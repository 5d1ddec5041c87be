"""Time intervals cover the minutes that they name, by the clock of their zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alertmanager_examples import ORIGIN, interval
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon.lower.intervals import covers, lower_interval

WEEK = range(7)
MONDAY = datetime(2026, 3, 2, tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("weekdays 09:00-17:00 Europe/Berlin", [((0, 1, 2, 3, 4), 540, 1020)]),
        ("weekends Europe/Berlin", [((5, 6), 0, 1440)]),
        ("UTC", [(tuple(WEEK), 0, 1440)]),
        ("00:00-24:00 UTC", [(tuple(WEEK), 0, 1440)]),
        ("22:00-07:00 UTC", [(tuple(WEEK), 1320, 1440), (tuple(WEEK), 0, 420)]),
        ("fri 22:00-07:00 UTC", [((4,), 1320, 1440), ((5,), 0, 420)]),
        ("sun 22:00-00:00 UTC", [((6,), 1320, 1440)]),
        ("mon-fri,sun 08:00-12:00 UTC", [((0, 1, 2, 3, 4, 6), 480, 720)]),
        ("sat-Monday 8:00-12:00,13:00-17:00 UTC", [((0, 5, 6), 480, 720), ((0, 5, 6), 780, 1020)]),
    ],
)
def test_an_interval_reads(text: str, spans: object) -> None:
    assert [(span.weekdays, span.start, span.end) for span in interval(text).spans] == spans


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("09:00-09:00 UTC", "leave the time out", 0),
        ("weekdays 09:00-17:00", "has no time zone", None),
        ("", "has no time zone", None),
        ("weekday 09:00-17:00 UTC", "unknown days 'weekday'", 0),
        ("mon,tuesdy 09:00-17:00 UTC", "unknown days 'tuesdy'", 4),
        ("24:00-10:00 UTC", "no range of times", 0),
        ("weekdays 09:00-24:01 UTC", "no range of times", 9),
        ("09:60-17:00 UTC", "no range of times", 0),
        ("09:00-17:00 europe/berlin", "did you mean `Europe/Berlin`?", 12),
        ("09:00-17:00 Mars", "unknown time zone 'Mars'", 12),
        ("weekdays 09:00-17:00 Europe/Berlin please", "more than days, times and a zone", None),
    ],
)
def test_a_mistake_is_told_at_its_word(text: str, words: str, at: int | None) -> None:
    found, (problem,) = lower_interval(text, ORIGIN)
    assert found is None
    assert words in problem.message
    assert (problem.origin.span[0] if problem.origin.span else None) == at


def test_the_clock_is_that_of_the_zone_in_summer_and_in_winter() -> None:
    office = interval("weekdays 09:00-17:00 Europe/Berlin")
    assert not covers(office, datetime(2026, 1, 5, 7, 30, tzinfo=ZoneInfo("UTC")))
    assert covers(office, datetime(2026, 7, 6, 7, 30, tzinfo=ZoneInfo("UTC")))


CLOCK = st.integers(0, 24 * 60 - 1)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(WEEK), min_size=1), CLOCK, CLOCK)
def test_a_split_at_midnight_covers_the_same_minutes(days: set[int], start: int, end: int) -> None:
    if start == end:
        return
    names = ",".join(("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day] for day in sorted(days))
    found = interval(f"{names} {start // 60}:{start % 60:02}-{end // 60}:{end % 60:02} UTC")
    length = (end - start) % (24 * 60)
    wanted = {(day * 1440 + start + minute) % (7 * 1440) for day in days for minute in range(length)}
    assert {m for m in range(7 * 1440) if covers(found, MONDAY + timedelta(minutes=m))} == wanted
