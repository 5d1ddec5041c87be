"""Arithmetic on single buckets of a classic histogram.

The share of fast requests as one bucket over the count works until the histogram becomes a native one, which has no
buckets as series, or until somebody changes the boundaries. `histogram_fraction` survives both.

Bad:

    sum(rate(app_seconds_bucket{le="0.5"}[5m])) / sum(rate(app_seconds_count[5m]))

Good:

    histogram_quantile(0.95, sum by (le) (rate(app_seconds_bucket[5m])))

    sum(rate(app_seconds_sum[5m])) / sum(rate(app_seconds_count[5m]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Binary
from llmmon.promql.fold import raw
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    if not any(part.op in _ARITHMETIC for part in written.of(Binary)):
        return
    for selector in raw(written.expr, _AS_A_WHOLE):
        pinned = any(matcher.label == "le" and matcher.op in ("=", "=~") for matcher in selector.matchers)
        if pinned and selector.name and selector.name.endswith("_bucket"):
            message = "one bucket is gone when the histogram becomes a native one: write histogram_fraction then"
            yield Finding("Q029", message, selector.span)


_ARITHMETIC = ("+", "-", "*", "/", "%")
_AS_A_WHOLE = frozenset(("histogram_quantile",))
RULE = Rule(
    Expression,
    check,
    {"Q029": Level.NOTE},
    peers=("promruval expressionDoesNotUseClassicHistogramBucketOperations",),
    default=False,
)
