"""What is certain of the values of an expression, and which comparisons that decides."""

from __future__ import annotations

from math import inf

import pytest

from llmmon import promql
from llmmon.promql.bounds import ANY, always, bounds, never


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", ANY),
        ("-3", (-3, -3)),
        ("up", (0, 1)),
        ("-(up)", (-1, 0)),
        ("avg_over_time(up[5m])", (0, 1)),
        ("max_over_time(up[5m:1m])", (0, 1)),
        ("sum by (job) (up)", (0, inf)),
        ("sum(x)", ANY),
        ("max(up)", (0, 1)),
        ("count(x)", (1, inf)),
        ("group(x)", (1, 1)),
        ("stddev(x)", (0, inf)),
        ("quantile(0.9, up)", ANY),
        ("absent(x)", (1, 1)),
        ("rate(x[5m])", (0, inf)),
        ("rate(x[5m]) - rate(y[5m])", ANY),
        ("rate(x[5m]) / rate(y[5m])", (0, inf)),
        ("rate(x[5m]) * x", ANY),
        ("1 + up", (1, 2)),
        ("1 - up", (0, 1)),
        ("up or vector(5)", (0, 5)),
        ("up and x", (0, 1)),
        ("x unless up", ANY),
        ("x > 5", (5, inf)),
        ("x > 5 < 7", (5, 7)),
        ("5 < x", ANY),
        ("x == 3", (3, 3)),
        ("x > bool 5", (0, 1)),
        ("clamp_min(x, 2)", (2, inf)),
        ("clamp_max(x, 2)", (-inf, 2)),
        ("round(rate(x[5m]))", (0, inf)),
        ("label_replace(up, 'a', 'b', 'c', 'd')", (0, 1)),
        ("hour()", (0, 23)),
        ("pi()", ANY),
        (" + ".join(["up"] * 5000), (0, 5000)),
    ],
)
def test_between_which_values_a_result_lies(text: str, expected: tuple[float, float]) -> None:
    assert bounds(promql.parse(text)) == expected


@pytest.mark.parametrize(
    ("op", "limit", "is_never", "is_always"),
    [
        (">", 1, True, False),
        (">", 0.5, False, False),
        (">", -1, False, True),
        (">=", 1, False, False),
        (">=", 0, False, True),
        (">=", 1.5, True, False),
        ("<", 0, True, False),
        ("<", 2, False, True),
        ("<=", -1, True, False),
        ("<=", 1, False, True),
        ("==", 2, True, False),
        ("==", 1, False, False),
        ("!=", 2, False, True),
    ],
)
def test_which_comparisons_are_decided(op: str, limit: float, is_never: bool, is_always: bool) -> None:
    assert (never(op, (0, 1), limit), always(op, (0, 1), limit)) == (is_never, is_always)
