"""Whatever the plan holds, panels fill the grid without touching each other, and keep their numbers."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import grafana_samples as samples
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon import plan
from llmmon.targets.grafana.layout import COLUMNS, Place, panel_id, placed

SIZE = st.none() | st.integers(-3, 40)
PANELS = st.builds(
    lambda kind, width, height: samples.panel(kind=kind, width=width, height=height),
    st.sampled_from(samples.KINDS),
    SIZE,
    SIZE,
)
ROWS = st.lists(
    st.builds(
        plan.Row, st.sampled_from(("", "Traffic", "Errors")), st.lists(PANELS, max_size=9).map(tuple), st.booleans()
    ),
    max_size=5,
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(ROWS)
def test_nothing_overlaps_and_everything_fits(rows: list[plan.Row]) -> None:
    outside: list[Place] = []
    for row in placed(rows):
        collapsed = row.row.collapsed and row.line is not None
        for place in row.places:
            assert 0 <= place.x < place.x + place.w <= COLUMNS
            assert place.h > 0
            assert row.line is None or place.y > row.line.y
        assert not any(_touch(*pair) for pair in combinations(row.places, 2))
        outside += ([row.line] if row.line else []) + ([] if collapsed else list(row.places))
    assert not any(_touch(*pair) for pair in combinations(outside, 2))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(ROWS)
def test_rows_follow_each_other_without_a_gap(rows: list[plan.Row]) -> None:
    bottom = 0
    for row in placed(rows):
        top = row.line.y if row.line else min((place.y for place in row.places), default=bottom)
        assert top == bottom
        shown = [] if row.line and row.row.collapsed else row.places
        bottom = max([top + bool(row.line), *(place.y + place.h for place in shown)])


@pytest.mark.parametrize(
    ("kinds", "widths"),
    [
        (["stat"] * 3, [6, 6, 6]),
        (["stat"] * 4, [6, 6, 6, 6]),
        (["stat"] * 5, [5, 5, 5, 5, 4]),
        (["stat"] * 6, [4] * 6),
        (["stat"] * 7, [6, 6, 6, 6, 6, 6, 6]),
        (["stat"] * 8, [6] * 8),
        (["timeseries"], [24]),
        (["timeseries", "timeseries"], [12, 12]),
        (["timeseries", "timeseries", "heatmap"], [12, 12, 24]),
        (["timeseries", "piechart"], [16, 8]),
        (["gauge", "timeseries"], [6, 18]),
    ],
)
def test_lines_are_filled(kinds: list[Any], widths: list[int]) -> None:
    (row,) = placed([plan.Row("Row", tuple(samples.panel(kind=kind) for kind in kinds))])
    assert [place.w for place in row.places] == widths


def test_a_width_in_the_plan_is_kept() -> None:
    (row,) = placed([plan.Row("Row", (samples.panel(width=10), samples.panel(width=7)))])
    assert [(place.x, place.w) for place in row.places] == [(0, 10), (10, 7)]


def test_panels_of_a_line_are_equally_high_unless_the_plan_says_more() -> None:
    panels = (samples.panel(kind="gauge"), samples.panel(), samples.panel(kind="stat", height=3))
    (row,) = placed([plan.Row("Row", panels)])
    assert [place.h for place in row.places] == [8, 8, 3]


def test_a_panel_keeps_its_number_whatever_stands_beside_it() -> None:
    assert panel_id("latency") == 1_071_349_384
    numbers = {panel_id(f"panel {n}") for n in range(2000)}
    assert len(numbers) == 2000
    assert all(0 < number < 2**31 for number in numbers)


def _touch(one: Place, other: Place) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    return not beside and one.y < other.y + other.h and other.y < one.y + one.h
