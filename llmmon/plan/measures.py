"""What kind of number is watched: each measure says what it reads, and tests know what brings it to a level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen

if TYPE_CHECKING:
    from datetime import timedelta
    from decimal import Decimal

    from llmmon.promql import Selector

How = Literal["sum", "avg", "min", "max"]


@frozen
class Rate:
    """Events per second (`rate`) or events in the window (`increase`), summed over all sources.

    A series that is born at 1 has no increase. `born` is `up` of the targets where its first value counts as well.
    """

    sources: tuple[Selector, ...]
    operation: Literal["rate", "increase"]
    window: timedelta
    born: Selector | None = None


@frozen
class Ratio:
    """Part over total, each a sum of counter rates, times `scale`. Without the first bad event it is 0, not absent."""

    part: tuple[Selector, ...]
    total: tuple[Selector, ...]
    sense: Literal["bad", "good", "part"]
    window: timedelta
    scale: Decimal


@frozen
class Quantile:
    """A quantile (0..1) of a classic histogram; `bucket` selects its `_bucket` series, `buckets` are the bounds.

    Of a native one, which has no bounds, `bucket` selects the histogram itself.
    """

    bucket: Selector
    q: Decimal
    window: timedelta
    buckets: tuple[Decimal, ...]
    native: bool = False


@frozen
class Mean:
    """The mean of a histogram or a summary: rate of `_sum` over rate of `_count`; of a native one both are itself."""

    sum: Selector
    count: Selector
    window: timedelta
    native: bool = False


@frozen
class Gauge:
    """A gauge, aggregated over its other labels; with `smooth` its mean over that time."""

    source: Selector
    how: How
    smooth: timedelta | None = None


@frozen
class Usage:
    """Used over limit, 0..1; the limit is a metric or a constant in the same unit. `rated` rates a counter first."""

    used: Selector
    limit: Selector | Decimal
    how: How
    rated: timedelta | None = None
    free: bool = False  # `used` is what is left: the usage is 1 - used / limit


@frozen
class Age:
    """Seconds since a timestamp metric's value; the newest of each group."""

    source: Selector
    how: How = "max"


@frozen
class Expression:
    """An expression of the user's own."""

    text: str


Measure = Rate | Ratio | Quantile | Mean | Gauge | Usage | Age | Expression
