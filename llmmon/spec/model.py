"""What all spec models share: frozen, no unknown keys, and the words with units that they are written in."""

from __future__ import annotations

import re
from datetime import timedelta
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


def _matching(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.match(value):
            raise ValueError(f"{shown(value)} is no {what}")
        return value

    return BeforeValidator(check)


def shown(value: object) -> str:
    """A value as a message names it, on one line and not too long."""
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"{value} has no unit: write {value}m, {value}s or {value}h")
    if isinstance(value, str) and value.startswith("-"):
        raise ValueError(f"{shown(value)} is negative: a duration is 0s or more")
    parsed = duration.parse(value) if isinstance(value, str) else None
    if parsed is None:
        raise ValueError(f"{shown(value)} is no duration: write it like 30s, 5m, 1h30m or 7d")
    return parsed


def _positive(value: Any) -> timedelta:
    parsed = _duration(value)
    if not parsed:
        raise ValueError("must be longer than 0s")
    return parsed


def _quantity(value: Any) -> unit.Quantity:
    if isinstance(value, unit.Quantity):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    parsed = unit.parse(value) if isinstance(value, str) else None
    if parsed is None:
        units = ", ".join(unit.SUFFIXES)
        raise ValueError(
            f"{shown(value)} is no number with a unit: write it like 200ms, 5%, 90GB or 10 (units: {units})"
        )
    return parsed


_DURATION_SCHEMA = {"type": "string", "pattern": r"^([0-9]+(w|d|h|ms|m|s))+$", "examples": ["30s", "5m", "7d"]}
_QUANTITY_SCHEMA = {"type": ["string", "number"], "examples": ["200ms", "99.9%", "90GB", "500 USD", 10]}

Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema(_DURATION_SCHEMA)]
PositiveDuration = Annotated[timedelta, BeforeValidator(_positive), WithJsonSchema(_DURATION_SCHEMA)]
Quantity = Annotated[unit.Quantity, BeforeValidator(_quantity), WithJsonSchema(_QUANTITY_SCHEMA)]
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
Label = Annotated[
    str,
    _matching(_LABEL, "label name: use letters, digits and _, not starting with a digit"),
    WithJsonSchema({"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"}),
]


def as_list(value: Any) -> Any:
    """A scalar where one value is enough, a list where there are more."""
    return value if isinstance(value, list | tuple) else [value]
