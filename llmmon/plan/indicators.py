"""What an objective counts: events or moments, some of which are bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen
from llmmon.plan.measures import Ratio

if TYPE_CHECKING:
    from datetime import timedelta
    from decimal import Decimal

    from llmmon.plan.measures import Measure
    from llmmon.promql import Selector


@frozen
class Pair:
    """Bad or good events per second, and all events per second; each is a measure of its own."""

    part: Measure
    total: Measure
    sense: Literal["bad", "good"]


@frozen
class Slower:
    """Values of a native histogram; those above the limit are bad."""

    histogram: Selector
    limit: Decimal
    window: timedelta


@frozen
class Raw:
    """Time, weighted by a measure that is a share of bad or of good (0..1) at each moment."""

    value: Measure
    sense: Literal["bad", "good"]


@frozen
class Timed:
    """Time; it is good while the measure is on this side of the limit."""

    value: Measure
    side: Literal["above", "below"]
    limit: Decimal


@frozen
class Slices:
    """Slices of time; one is bad where more than `allowed` (0..1) of what is counted within it is."""

    inner: Ratio | Pair | Slower | Raw | Timed
    width: timedelta
    allowed: Decimal


@frozen
class Composite:
    """Other objectives together: bad and total are weighted sums of theirs."""

    parts: tuple[tuple[Indicator, Decimal], ...]


Indicator = Ratio | Pair | Slower | Raw | Timed | Slices | Composite


def of_events(what: Indicator) -> bool:
    """Whether bad and total are rates of events, or shares of a moment."""
    match what:
        case Composite(parts):
            return all(of_events(part) for part, _ in parts)
    return isinstance(what, Ratio | Pair | Slower)
