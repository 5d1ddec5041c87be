"""Burn rates: exact decimals, the Workbook's pairs, and only those that can ever fire."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon import duration, slo
from llmmon.targets.behaviour import objective
from llmmon.targets.behaviour.track import Clock

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WINDOWS = st.integers(min_value=45 * 60, max_value=400 * 24 * 60).map(lambda minutes: minutes * MINUTE)
BUDGETS = st.integers(min_value=1, max_value=99_999).map(lambda n: Decimal(n) / 100_000)
TRAFFIC = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=2, max_size=60)
TENTH_PERCENT = Decimal("0.001")


@pytest.mark.parametrize(
    ("days", "factors"),
    [
        (30, ["14.4", "6", "3", "1"]),
        (90, ["43.2", "18", "9", "3"]),
        (28, ["13.44", "5.6", "2.8", "0.9333333333333333333333333333"]),
        (7, ["3.36", "1.4", "0.7", "0.2333333333333333333333333333"]),
        (1, ["0.48", "0.2", "0.1", "0.03333333333333333333333333333"]),
    ],
)
def test_burn_rates_are_exact_for_every_window(days: int, factors: list[str]) -> None:
    assert [pair.factor(days * DAY) for pair in slo.PAIRS] == [Decimal(factor) for factor in factors]


def test_a_pair_uses_up_its_share_of_the_budget_within_its_long_window() -> None:
    for pair in slo.PAIRS:
        for window in (30 * DAY, 90 * DAY):
            assert pair.factor(window) * (pair.long / timedelta(minutes=1)).__trunc__() == (
                pair.share * (window // timedelta(minutes=1))
            )


def test_the_pairs_are_those_of_the_workbook() -> None:
    written = [(p.name, duration.text(p.long), duration.text(p.short), p.severity) for p in slo.PAIRS]
    assert written == [
        ("fast", "1h", "5m", "critical"),
        ("medium", "6h", "30m", "critical"),
        ("slow", "1d", "2h", "warning"),
        ("drip", "3d", "6h", "warning"),
    ]
    assert all(pair.long == 12 * pair.short for pair in slo.PAIRS)


@pytest.mark.parametrize(
    ("days", "budget", "names"),
    [
        (30, "0.001", "fast medium slow drip"),
        (30, "0.1", "medium slow drip"),  # 14.4 times 10 % is more than everything
        (30, "0.5", "drip"),
        (90, "0.1", "slow drip"),
        (28, "0.001", "fast medium slow drip"),
        (7, "0.001", "fast medium"),  # slower ones would burn less than the budget
        (1, "0.001", ""),
    ],
)
def test_a_pair_that_cannot_fire_is_left_out(days: int, budget: str, names: str) -> None:
    assert [pair.name for pair in slo.pairs(days * DAY, Decimal(budget))] == names.split()


def test_a_burn_rate_of_exactly_everything_cannot_be_exceeded() -> None:
    assert "drip" not in [pair.name for pair in slo.pairs(30 * DAY, Decimal(1))]


def test_a_window_of_minutes_has_no_pair() -> None:
    assert slo.pairs(timedelta(minutes=59), TENTH_PERCENT) == ()


def test_windows_are_each_named_once_and_the_shortest_first() -> None:
    texts = [duration.text(window) for window in slo.windows(slo.pairs(30 * DAY, TENTH_PERCENT))]
    assert texts == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]


@settings(deadline=None, derandomize=True)
@given(WINDOWS)
def test_a_factor_times_its_long_window_is_the_share_of_the_budget_times_the_whole_window(window: timedelta) -> None:
    for pair in slo.PAIRS:
        burnt = Fraction(pair.factor(window)) * (pair.long // MINUTE)
        wanted = Fraction(pair.share) * (window // MINUTE)
        assert abs(burnt - wanted) <= wanted / 10**24  # a third has no end as a decimal


@settings(deadline=None, derandomize=True)
@given(WINDOWS, BUDGETS)
def test_a_pair_that_is_chosen_burns_fast_enough_and_can_be_reached(window: timedelta, budget: Decimal) -> None:
    for pair in slo.PAIRS:
        limit = pair.factor(window) * budget
        assert (pair in slo.pairs(window, budget)) == (pair.factor(window) >= slo.SLOWEST and limit < 1)


@settings(deadline=None, derandomize=True)
@given(WINDOWS, BUDGETS)
def test_whoever_is_told_of_a_total_failure_is_told_after_the_share_of_the_budget_is_gone(
    window: timedelta, budget: Decimal
) -> None:
    chosen = slo.pairs(window, budget)
    if not chosen:
        return
    told = slo.told_after(window, budget)
    waited = [((told - pair.hold) // MINUTE, _minutes(pair, window, budget)) for pair in chosen]
    assert any(minutes >= burnt for minutes, burnt in waited)
    assert not any(minutes - 1 >= burnt for minutes, burnt in waited)


def _minutes(pair: slo.Pair, window: timedelta, budget: Decimal) -> Fraction:
    return Fraction(pair.share) * (window // MINUTE) * Fraction(budget)


@settings(deadline=None, derandomize=True)
@given(TRAFFIC)
def test_long_windows_weigh_each_event_the_same(traffic: list[tuple[int, int]]) -> None:
    bad: list[float | None] = [float(min(pair)) for pair in traffic]
    total: list[float | None] = [float(max(pair)) for pair in traffic]
    clock, window = Clock(MINUTE, MINUTE), len(traffic) * MINUTE
    share = objective.shares((bad, total), window, None, clock, short=False)[-1]
    every = sum(max(pair) for pair in traffic)
    assert share == (pytest.approx(sum(min(pair) for pair in traffic) / every) if every else None)
    if share is not None:
        each = [min(pair) / max(pair) for pair in traffic if max(pair)]
        assert min(each) - 1e-9 <= share <= max(each) + 1e-9
