"""How far back an expression looks."""

from __future__ import annotations

import pytest

from llmmon import promql

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("up", 0),
        ("vector(1)", 0),
        ("rate(x[5m])", 5 * MINUTE),
        ("x offset 7d", 7 * DAY),
        ("x offset -1h", 0),
        ("rate(x[5m] offset 1h)", HOUR + 5 * MINUTE),
        ("rate(x[1h]) - rate(x[5m] offset 1d)", DAY + 5 * MINUTE),
        ("max_over_time(rate(x[5m])[1h:1m])", HOUR + 5 * MINUTE),
        ("max_over_time(rate(x[5m] offset 1h)[1h:1m] offset 1d)", DAY + 2 * HOUR + 5 * MINUTE),
        ("sum by (a) (-(avg_over_time(x[30d]))) > bool 1", 30 * DAY),
        ("quantile_over_time(scalar(max_over_time(p[2h])), x[1h])", 2 * HOUR),
        ("topk(scalar(max_over_time(p[2h])), x)", 2 * HOUR),
    ],
)
def test_ranges_and_offsets_add_up(text: str, back: int) -> None:
    assert promql.looks_back(promql.parse(text)) == back


@pytest.mark.parametrize(("text", "fixed"), [("x @ 1609746000", True), ("x @ end()", False), ("x", False)])
def test_a_fixed_time_is_known(text: str, fixed: bool) -> None:
    assert promql.is_fixed(promql.parse(text)) is fixed


def test_a_chain_of_thousands_of_operators_is_no_problem() -> None:
    assert promql.looks_back(promql.parse(" + ".join(["rate(x[5m])"] * 5000))) == 5 * MINUTE
