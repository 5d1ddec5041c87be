"""Classic histograms: which buckets give a quantile, and which quantile buckets give."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Shares = tuple[Fraction, ...]  # of observations at or below each bound; above the last bound is 1 minus the last


def shares(value: Fraction, q: Fraction, bounds: Sequence[Fraction]) -> Shares:
    """Cumulative shares whose `histogram_quantile(q)` is `value`, for 0 < value < the last bound."""
    index = next(i for i, bound in enumerate(bounds) if value <= bound)
    low = bounds[index - 1] if index else Fraction(0)
    place = min((value - low) / (bounds[index] - low), Fraction(99, 100))  # within its bucket
    if place > q or not index:  # the rest lies above
        inside = min(q / place, Fraction(1))
        return tuple(inside if i >= index else Fraction(0) for i in range(len(bounds)))
    below = (q - place) / (1 - place)
    return tuple(Fraction(1) if i >= index else below if i == index - 1 else Fraction(0) for i in range(len(bounds)))


def quantile(q: float, cumulative: Sequence[float], total: float, bounds: Sequence[float]) -> float | None:
    """What Prometheus computes: linear within the bucket; the last bound where the rank is above it."""
    if not total:
        return None
    rank = q * total
    for index, count in enumerate(cumulative):
        if count >= rank:
            low = bounds[index - 1] if index else 0.0
            before = cumulative[index - 1] if index else 0.0
            return low + (bounds[index] - low) * (rank - before) / (count - before) if count > before else bounds[index]
    return bounds[-1]
