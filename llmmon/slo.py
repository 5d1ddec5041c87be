"""Error budgets, burn rates and windows: arithmetic in decimals, no text.

The alert windows are those of the SRE Workbook, chapter 5: each pair has a share of the budget that may be gone
before somebody is told, and the burn rate follows from the objective's window.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from llmmon.classes import frozen

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@frozen
class Pair:
    """A long window that decides, and a short one that lets the alert end soon after the fault has."""

    name: Literal["fast", "medium", "slow", "drip"]
    share: Decimal  # of the error budget, gone within the long window
    long: timedelta
    short: timedelta
    hold: timedelta
    severity: Literal["critical", "warning"]

    def factor(self, window: timedelta) -> Decimal:
        """How many times too fast the budget burns: share x window / long, exact."""
        return self.share * Decimal(window // _MINUTE) / Decimal(self.long // _MINUTE)


PAIRS = (
    Pair("fast", Decimal("0.02"), _HOUR, 5 * _MINUTE, 2 * _MINUTE, "critical"),
    Pair("medium", Decimal("0.05"), 6 * _HOUR, 30 * _MINUTE, 15 * _MINUTE, "critical"),
    Pair("slow", Decimal("0.10"), 24 * _HOUR, 2 * _HOUR, _HOUR, "warning"),
    Pair("drip", Decimal("0.10"), 72 * _HOUR, 6 * _HOUR, 3 * _HOUR, "warning"),
)


SLOWEST = Decimal("0.9")  # at a burn rate of 1 the budget is gone at the end of the window; 28d gives 0.93


def pairs(window: timedelta, budget: Decimal) -> tuple[Pair, ...]:
    """The pairs that make sense: they burn fast enough to miss the objective, and that burn rate can be reached."""
    return tuple(p for p in PAIRS if p.factor(window) >= SLOWEST and p.factor(window) * budget < 1)


def windows(chosen: tuple[Pair, ...]) -> tuple[timedelta, ...]:
    """Every window that the pairs look at, shortest first."""
    return tuple(sorted({pair.long for pair in chosen} | {pair.short for pair in chosen}))


def told_after(window: timedelta, budget: Decimal) -> timedelta:
    """How long everything fails until the first pair tells somebody, in whole minutes."""
    return min(_burnt(pair, window, budget) + pair.hold for pair in pairs(window, budget))


def _burnt(pair: Pair, window: timedelta, budget: Decimal) -> timedelta:
    """Until the pair's share of the budget is gone, at a burn rate of 1 / budget."""
    minutes = pair.share * Decimal(window // _MINUTE) * budget
    return int(minutes.to_integral_value(ROUND_CEILING)) * _MINUTE
