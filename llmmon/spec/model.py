"""What all spec models share: frozen, no unknown keys, and the words with units that they are written in."""

from __future__ import annotations

import difflib
import math
import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from llmmon import duration, unit


class Model(BaseModel):
    """A map of known keys; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


_DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
_ROLE = re.compile(r"[a-z][a-z0-9_]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_BAD_UNIT = re.compile(r"\s*[-+]?[0-9][0-9_.]*\s*([A-Za-zµ%/]+)\s*")
LONGEST = timedelta(days=100_000)  # Prometheus counts nanoseconds in 63 bits, and ends at 292 years
HUGE = Decimal(10) ** 21  # beyond what a yottabyte disk or a price needs, within what every reader of ours prints


def _matching(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, dict | list):
            kind = "a map" if isinstance(value, dict) else "a list"
            raise ValueError(f"this is {kind}, and no {what}")
        if not isinstance(value, str) or not pattern.match(value):
            raise ValueError(f"{shown(value)} is no {what}")
        return value

    return BeforeValidator(check)


def shown(value: object) -> str:
    """A value as a message names it, on one line and not too long."""
    match value:
        case None:
            text = "null"
        case bool():
            text = str(value).lower()
        case float() if not math.isfinite(value):
            text = f".{value}".replace(".-", "-.")
        case _:
            text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        raise ValueError(f"{value} has no unit: write {value}s, {value}m or {value}h")
    if str(value).startswith("-"):
        raise ValueError(f"{shown(value)} is negative: a duration is 0s or more")
    written = value if isinstance(value, str) and value.isascii() else ""
    parsed = duration.parse(written)
    if parsed is None and duration.is_one(written):
        parsed = timedelta.max
    if parsed is None:
        likely = duration.meant(written)
        raise ValueError(f"{shown(value)} is no duration: write {likely or 'it like 30s, 5m, 1h30m or 7d'}")
    if parsed > LONGEST:
        raise ValueError(f"{shown(value)} is more than Prometheus can count: write {duration.text(LONGEST)} or less")
    return parsed


def _positive(value: Any) -> timedelta:
    parsed = _duration(value)
    if not parsed:
        raise ValueError(f"{shown(value)} is no time at all: write one longer than 0s, such as 5m")
    return parsed


def _quantity(value: Any) -> unit.Quantity:
    if isinstance(value, unit.Quantity):
        return value
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    try:
        parsed = unit.parse(text) if isinstance(text, str) else None
        huge = parsed is not None and not abs(parsed.value) < HUGE
    except ArithmeticError:
        parsed, huge = None, True
    if huge:
        raise ValueError(f"{shown(value)} is too large a number: write less than 1e21")
    if parsed is None:
        near = _BAD_UNIT.fullmatch(text) if isinstance(text, str) else None
        if near:
            raise ValueError(f"{shown(value)} has an unknown unit {near[1]!r}: {_units(near[1])}")
        raise ValueError(f"{shown(value)} is no number with a unit: write it like 200ms, 5%, 90GB, 500 USD or 10")
    return parsed


def _units(word: str) -> str:
    near = difflib.get_close_matches(word, unit.SUFFIXES, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(unit.SUFFIXES)}"


DURATION_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^([0-9]+(w|d|h|ms|m|s))+$",
    "examples": ["30s", "5m", "7d"],
}
QUANTITY_SCHEMA: dict[str, Any] = {"type": ["string", "number"], "examples": ["200ms", "99.9%", "90GB", "500 USD", 10]}

Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema(DURATION_SCHEMA)]
PositiveDuration = Annotated[timedelta, BeforeValidator(_positive), WithJsonSchema(DURATION_SCHEMA)]
Quantity = Annotated[unit.Quantity, BeforeValidator(_quantity), WithJsonSchema(QUANTITY_SCHEMA)]
Name = Annotated[
    str,
    _matching(_DNS_LABEL, "DNS label: use a-z, 0-9 and -, at most 63, such as chat-gateway"),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}),
]
AlertName = Annotated[
    str,
    _matching(_CAMEL, "alert name: write a CamelCase noun phrase such as HighErrorRate"),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$"}),
]
Role = Annotated[
    str,
    _matching(_ROLE, "signal name: use a-z, 0-9 and _, such as cache_hits"),
    WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}),
]
MetricName = Annotated[
    str,
    _matching(_METRIC, "metric name: use letters, digits, _ and :, not starting with a digit"),
    WithJsonSchema({"type": "string", "pattern": "^[a-zA-Z_:][a-zA-Z0-9_:]*$"}),
]
Label = Annotated[
    str,
    _matching(_LABEL, "label name: use letters, digits and _, not starting with a digit"),
    WithJsonSchema({"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"}),
]


def as_list(value: Any) -> Any:
    """A scalar where one value is enough, a list where there are more."""
    return value if isinstance(value, list | tuple) else [value]
