"""Durations as Prometheus writes them: 5m, 30d, 1h30m."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from llmmon import lazily

if TYPE_CHECKING:
    from decimal import Decimal

_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_MOST = (2**63 - 1) // 1_000_000  # what Go counts in nanoseconds
_WORDS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1_000, "millisecond": 1}
_PARTS = lazily.pattern(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m(?!s))?(?:([0-9]+)s)?(?:([0-9]+)ms)?\Z"
)
_LOOSE = lazily.pattern(
    r"([0-9]+(?:\.[0-9]+)?)\s*(ms|milli\w*|s|sec\w*|m|min\w*|h|hr|hour\w*|d|day\w*|w|week\w*|y|year\w*)(?![a-z])", re.I
)


@lru_cache(maxsize=1024)
def parse(text: str) -> timedelta | None:
    """A duration such as `1h30m`, largest unit first; None where the text is none."""
    match = _PARTS.match(text)
    if not match or not text:
        return None
    milliseconds = sum(int(n[:20]) * size for n, size in zip(match.groups(), _UNITS.values(), strict=True) if n)
    return timedelta(milliseconds=milliseconds) if milliseconds <= _MOST else None


def is_one(text: str) -> bool:
    """Whether a text reads as a duration, also where it is longer than anything can count."""
    return bool(text and _PARTS.match(text))


def meant(text: str) -> str:
    """The duration that somebody meant: `5 min`, `1h 30m`, `30 seconds`; empty where nobody can tell."""
    parts = _LOOSE.findall(text)
    if not parts or _LOOSE.sub("", text).strip():
        return ""
    out = "".join(
        f"{count}{'ms' if unit.lower().startswith(('ms', 'mil')) else unit[0].lower()}" for count, unit in parts
    )
    return out if parse(out) else ""


@lru_cache(maxsize=1024)
def text(value: timedelta) -> str:
    """The shortest way to write it: `1h30m`, `7d`, `0s`; weeks are written as days, as Prometheus 2 and 3 agree."""
    rest = milliseconds(value)
    out = ""
    for unit, size in _UNITS.items():
        if unit in ("y", "w"):
            continue
        count, rest = divmod(rest, size)
        out += f"{count}{unit}" if count else ""
    return out or "0s"


def words(value: timedelta) -> str:
    """As people say it: `30 minutes`, `1 hour 30 minutes`."""
    rest = milliseconds(value)
    out = []
    for name, size in _WORDS.items():
        count, rest = divmod(rest, size)
        out += [f"{count} {name}{'' if count == 1 else 's'}"] if count else []
    return " ".join(out) or "0 seconds"


def milliseconds(value: timedelta) -> int:
    """Whole milliseconds."""
    return value // timedelta(milliseconds=1)


def seconds(value: timedelta) -> Decimal:
    """Seconds, exact."""
    from decimal import Decimal

    return Decimal(milliseconds(value)) / 1000
