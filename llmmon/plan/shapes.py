"""What kind of number an alert watches (the measure) and what kind of condition it sets (the shape).

Tests, thresholds on panels and `explain` work from these: nobody parses an expression again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen
from llmmon.plan.indicators import Composite, Indicator, Pair, Raw, Slices, Slower, Timed
from llmmon.plan.measures import Age, Expression, Gauge, How, Mean, Measure, Quantile, Rate, Ratio, Usage

if TYPE_CHECKING:
    from decimal import Decimal

    from llmmon.plan.rules import ByLabel
    from llmmon.promql import Selector

__all__ = [
    "Above",
    "Absent",
    "Age",
    "Below",
    "Budget",
    "Burn",
    "Composite",
    "Condition",
    "Deviates",
    "Drops",
    "Exhausted",
    "Expression",
    "FillsIn",
    "Free",
    "Gauge",
    "Grows",
    "Guard",
    "How",
    "Indicator",
    "Mean",
    "Measure",
    "Overruns",
    "Pair",
    "Quantile",
    "Rate",
    "Ratio",
    "Raw",
    "ReplicaDown",
    "Resets",
    "Rises",
    "Shape",
    "Slices",
    "Slower",
    "Stale",
    "Strays",
    "Timed",
    "Usage",
    "Where",
    "half",
]
_ROUND = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))  # each is a multiple of the one before


def half(time: timedelta) -> timedelta:
    """Half of it, rounded down to what a test of that length has for a step."""
    step = next((step for step in _ROUND if time / step <= 100), _ROUND[-1])
    return time / 2 // step * step


@frozen
class Above:
    """value > threshold; where it may be `reached`, value >= threshold."""

    threshold: Decimal
    reached: bool = False


@frozen
class Below:
    """value < threshold"""

    threshold: Decimal


@frozen
class Rises:
    """value > factor x the value `versus` ago; with `mean`, x its mean over the last `versus`."""

    factor: Decimal
    versus: timedelta
    mean: bool = False


@frozen
class Drops:
    """value < factor x the value `versus` ago; with `mean`, x its mean over the last `versus`."""

    factor: Decimal
    versus: timedelta
    mean: bool = False


@frozen
class Deviates:
    """|value - mean over `over`| > sigma standard deviations, and > `floor` x the mean: a flat series deviates by 0."""

    sigma: Decimal
    over: timedelta
    floor: Decimal


@frozen
class Strays:
    """|value / its mean over `over` - 1| > tolerance."""

    tolerance: Decimal
    over: timedelta


@frozen
class Grows:
    """A gauge grew by more than `amount` within the time: delta over `within`."""

    amount: Decimal
    within: timedelta


@frozen
class FillsIn:
    """At the trend of the last `trend`, the value passes `limit` within `within`, and it is rising.

    Two samples after a start are no trend: quiet until the series is `since` old.
    """

    limit: Decimal
    within: timedelta
    trend: timedelta

    @property
    def since(self) -> timedelta:
        """Half of the trend, in round time."""
        return half(self.trend)


@frozen
class Absent:
    """No series at all; `up` says that no target that is up is left (`absent(up == 1)`)."""

    up: bool = False


@frozen
class ReplicaDown:
    """One target of several is down while another is up."""


@frozen
class Stale:
    """A timestamp metric is older than `age`."""

    age: timedelta


@frozen
class Burn:
    """An error budget (0..1 of all events) burns `factor` times too fast over both windows."""

    factor: Decimal
    long: timedelta
    short: timedelta
    budget: Decimal
    of: Indicator


@frozen
class Exhausted:
    """Nothing is left of an error budget (0..1 of all events) of a window; quiet until it is measured for `since`."""

    budget: Decimal
    window: timedelta
    of: Indicator

    @property
    def since(self) -> timedelta:
        """A tenth of the window, in round time: what a few events of a new objective say is not worth an alert."""
        return half(self.window / 5)


@frozen
class Resets:
    """When a period ends: each `every` (in UTC), or as a gauge says, of the time left or of the time of the reset.

    A gauge of the time left counts in lots of `seconds`.
    """

    every: Literal["day", "week", "month"] | None = None
    left: Selector | None = None
    at: Selector | None = None
    seconds: int = 1


@frozen
class Overruns:
    """At the trend of the last `trend`, the value passes `share` before it is reset.

    Quiet until the series is `since` old.
    """

    share: Decimal
    trend: timedelta
    resets: Resets

    @property
    def since(self) -> timedelta:
        """Half of the trend, in round time."""
        return half(self.trend)


@frozen
class Budget:
    """Spending over a rolling window against a limit: > `share` of it; `forecast` looks at the trend of that long.

    All of it is used where the limit is reached: >= 1.
    """

    share: Decimal
    rolling: timedelta
    limit: Selector | Decimal
    forecast: timedelta | None = None
    horizon: timedelta | None = None


@frozen
class Free:
    """An expression of the user's own; its test is too."""


Condition = (
    Above
    | Below
    | Rises
    | Drops
    | Deviates
    | Strays
    | Grows
    | FillsIn
    | Absent
    | ReplicaDown
    | Stale
    | Burn
    | Exhausted
    | Budget
    | Overruns
    | Free
)


@frozen
class Guard:
    """Quiet unless this other measure is above a floor too (no alert on three requests a night)."""

    measure: Measure
    by: tuple[ByLabel, ...]
    above: Decimal


@frozen
class Where:
    """Another threshold (`where:`) or another limit for the series with these label values.

    A limit of a usage is in its `measure`, which is the alert's own where none is here.
    """

    labels: tuple[tuple[str, str], ...]
    condition: Condition
    measure: Measure | None = None


@frozen
class Shape:
    """Measure, grouping and condition of an alert; `exceptions` hold for some label values instead of `condition`."""

    measure: Measure
    by: tuple[ByLabel, ...]
    condition: Condition
    guard: Guard | None = None
    exceptions: tuple[Where, ...] = ()
