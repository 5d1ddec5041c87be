"""Durations: what is written is what is read, and what Prometheus would read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon import duration

EXACT = settings(derandomize=True, deadline=None)


@EXACT
@given(st.integers(0, 9 * 10**12))
def test_a_duration_reads_back_as_it_was_written(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds)
    assert duration.parse(duration.text(value)) == value
    assert duration.milliseconds(value) == milliseconds
    assert duration.seconds(value) == Decimal(milliseconds) / 1000


@pytest.mark.parametrize(
    ("text", "shortest"),
    [("90s", "1m30s"), ("1h30m", "1h30m"), ("1w", "7d"), ("24h", "1d"), ("1500ms", "1s500ms"), ("0s", "0s")],
)
def test_a_duration_is_written_with_the_largest_units_and_days_for_weeks(text: str, shortest: str) -> None:
    value = duration.parse(text)
    assert value is not None
    assert duration.text(value) == shortest


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5 m", "-5m", "1.5h", "30m1h", "5M", "1m1m", "5m\n", "293y", "99999999999999999999s"]
)
def test_what_prometheus_would_not_read_is_no_duration(text: str) -> None:
    assert duration.parse(text) is None


def test_minutes_and_milliseconds_are_told_apart() -> None:
    assert duration.parse("5ms") == timedelta(milliseconds=5)
    assert duration.parse("5m5ms") == timedelta(minutes=5, milliseconds=5)


@pytest.mark.parametrize(
    ("text", "likely"),
    [("5 minuts", "5m"), ("1h 30 min", "1h30m"), ("200 milliseconds", "200ms"), ("five minutes", ""), ("30m1h", "")],
)
def test_what_somebody_meant_is_suggested_where_it_is_certain(text: str, likely: str) -> None:
    assert duration.meant(text) == likely
