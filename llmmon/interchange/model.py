"""What is imported: objectives with their indicators, before they are written as a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen

if TYPE_CHECKING:
    from datetime import timedelta
    from decimal import Decimal

    from llmmon.promql import Expr, Selector

Sense = Literal["bad", "good"]
By = tuple[tuple[str, str], ...]  # labels: as they are called here, and in the metrics


@frozen
class Events:
    """Counters of bad or good events, and of all events."""

    sense: Sense
    part: tuple[Selector, ...]
    total: tuple[Selector, ...]


@frozen
class Latency:
    """A histogram, without its suffix; good is what is within the bound. A native one has no buckets."""

    histogram: Selector
    within: Decimal
    native: bool = False


@frozen
class Counts:
    """Expressions of bad or good and of all events per second."""

    sense: Sense
    part: Expr
    total: Expr


@frozen
class Raw:
    """An expression that is the share of bad or good already."""

    sense: Sense
    expr: Expr


@frozen
class Share:
    """Gauges between 0 and 1: their mean is the share of bad or good."""

    gauge: Selector
    sense: Sense = "good"


@frozen
class Condition:
    """Good is the time in which a value is above or below a bound."""

    expr: Expr
    side: Literal["above", "below"]
    bound: Decimal


@frozen
class Parts:
    """Other objectives of the service, by their name, with their weights."""

    weights: tuple[tuple[str, Decimal], ...]


Indicator = Events | Latency | Counts | Raw | Share | Condition | Parts


@frozen
class Slice:
    """Time in slices, each good where its share of good reaches the target, or else the objective."""

    width: timedelta
    target: Decimal | None = None


@frozen
class Objective:
    """One objective. `share` is from 0 to 1; names are the foreign tool's own."""

    service: str
    name: str
    share: Decimal
    indicator: Indicator
    window: timedelta | None = None
    by: By = ()
    slice: Slice | None = None
    help: str = ""
    absent: bool = True  # whether it is told that nothing is left to measure
    team: str = ""
