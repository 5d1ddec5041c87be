"""What a test does to one group of series: stretches of time, each with a level of what the alert measures."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from datetime import timedelta
    from decimal import Decimal


@frozen
class Stretch:
    """Some steps at one level; None is no series at all. `volume` is the traffic that a share is taken from.

    Where the volume grows a lot from one stretch to the next, a share over a window changes at once: what is new
    outweighs what is left in the window.
    """

    steps: int
    level: Fraction | None
    volume: Fraction = Fraction(1)


Track = tuple[Stretch, ...]


@frozen
class Clock:
    """A rule is evaluated every `step`, a series has a sample every `scrape`."""

    step: timedelta
    scrape: timedelta

    @property
    def per_step(self) -> int:
        """Samples in a step."""
        return self.step // self.scrape

    def steps(self, time: timedelta) -> int:
        """Steps that cover a time."""
        return -(-time // self.step)


@frozen
class Scenario:
    """The tracks of a test: `sick` becomes ill and well again, `healthy` stays well, `rogue` is somebody else's.

    `rogue` is far off the mark from the near miss on, and heavy: it shows where a selector lets others in.
    """

    sick: Track
    healthy: Track
    rogue: Track

    @property
    def length(self) -> int:
        """Steps in all."""
        return sum(stretch.steps for stretch in self.sick)

    @property
    def ends(self) -> tuple[int, ...]:
        """The last step of each stretch; of a ramp, which is many short ones, only its end."""
        lengths = [stretch.steps for stretch in self.sick]
        after = [*lengths[1:], 2]
        return tuple(end for end, *two in zip(accumulate(lengths), lengths, after, strict=True) if max(two) > 1)


@lru_cache(maxsize=1024)
def fraction(value: Decimal | int) -> Fraction:
    """Exact, from a Decimal or an int."""
    return Fraction(str(value))
