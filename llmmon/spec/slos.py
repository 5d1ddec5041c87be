"""What a user may write about objectives: what counts as good, how much of it must be, and over which time."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.alerts import Guard, Severity
from llmmon.spec.model import Model, PositiveDuration, Quantity, Role, shown
from llmmon.spec.signals import By

_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,10})?\s*%")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


def _objective(value: Any) -> Decimal:
    text = str(value).strip()
    if not isinstance(value, str) or not _PERCENT.fullmatch(text):
        hint = f"{value}%" if isinstance(value, int | float) and 0 < value < 100 else "a percentage such as 99.9%"
        raise ValueError(f"{shown(value)} is no objective: write {hint}")
    share = Decimal(text[:-1].strip()) / 100
    if share >= 1:
        raise ValueError(f"{text} leaves no error budget, so every alert would fire at once: write less than 100%")
    if share <= 0:
        raise ValueError(f"{text} can never be missed: write more than 0%")
    return share


Objective = Annotated[
    Decimal, BeforeValidator(_objective), WithJsonSchema({"type": "string", "pattern": "%$", "examples": ["99.9%"]})
]


class Slice(Model):
    """Time in slices: each is good or bad as a whole."""

    width: PositiveDuration
    target: Objective | None = Field(None, description="The share of good within a good slice; else the objective.")


def _slice(value: Any) -> Any:
    return {"width": value} if isinstance(value, str | int | float) else value


def _weight(value: Any) -> Decimal:
    number = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None or not number.is_finite() or not 0 < number < 1_000_000:
        raise ValueError(f"{shown(value)} is no weight: write a number above 0, such as 2 or 0.5")
    return number


def _parts(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        if twice := [item for item in value if value.count(item) > 1]:
            raise ValueError(f"{twice[0]!r} is named twice: write {{{twice[0]}: 2}} for a part that weighs double")
        value = dict.fromkeys(value, 1)
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} are no parts: write [availability, latency], or a map of weights")
    if len(value) < 2:
        raise ValueError("parts: needs at least two objectives: one alone is what it is")
    return value


def _revision(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _REVISION.fullmatch(text):
        raise ValueError(f"{shown(value)} is no revision: write letters, digits, _, . or -, such as 2 or 2027-01")
    return text


def _absent(value: Any) -> Any:
    if value in ("critical", "warning", "info"):
        return value
    if value is False or value == "off":
        return False
    raise ValueError(f"{shown(value)} is no severity: write critical, warning, info, or false for no such alert")


Parts = Annotated[
    dict[Role, Annotated[Decimal, BeforeValidator(_weight), WithJsonSchema({"type": "number"})]],
    BeforeValidator(_parts),
    WithJsonSchema(
        {
            "description": "Other objectives of the service; as a map, each with its weight.",
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "number"}},
            ],
        }
    ),
]


class SLO(Model):
    """A service level objective over a rolling window. What counts as good depends on what the signal is."""

    objective: Objective
    signal: str | None = Field(None, description="A ratio, a histogram with within, or any value; else the SLO's name.")
    within: Quantity | None = Field(None, description="For a histogram: what counts as fast; a bucket boundary.")
    snap: Literal["up", "down"] | None = Field(None, description="Where within is none: the next boundary that way.")
    bad: str | None = Field(None, description="A signal of bad events per second; with total.")
    good: str | None = Field(None, description="A signal of good events per second; with total.")
    total: str | None = Field(None, description="A signal of all events per second.")
    raw: Literal["bad", "good"] | None = Field(None, description="The signal is a share of bad or good already.")
    above: Quantity | None = Field(None, description="Good is the time in which the signal is above that.")
    below: Quantity | None = Field(None, description="Good is the time in which the signal is below that.")
    slice: Annotated[Slice, BeforeValidator(_slice, json_schema_input_type=str | Slice)] | None = Field(
        None, description="Count slices of time instead of events, such as 5m."
    )
    parts: Parts | None = None
    by: By | None = Field(None, description="A budget for each value of these labels.")
    window: PositiveDuration = Field("30d", validate_default=True)
    guard: Guard | None = None
    absent: Annotated[
        Severity | Literal[False],
        BeforeValidator(_absent),
        WithJsonSchema({"enum": ["critical", "warning", "info", False]}),
    ] = Field("warning", description="How severe it is that nothing is left to measure.")
    revision: Annotated[str, BeforeValidator(_revision), WithJsonSchema({"type": ["string", "integer"]})] | None = (
        Field(None, description="Names the budget that is counted; else it follows from what is measured.")
    )
    summary: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> SLO:
        said = [key for key in ("parts", "total", "within", "raw", "above", "below") if getattr(self, key) is not None]
        if len(said) > 1:
            raise ValueError(f"{' and '.join(said)} are different ways to say what is good: keep one")
        if (self.total is None) != (self.bad is None and self.good is None):
            raise ValueError("bad: or good: and total: go together: each names a signal of events per second")
        if self.bad is not None and self.good is not None:
            raise ValueError("bad and good say the same of one total: keep one")
        if self.signal is not None and said and said[0] in ("parts", "total"):
            raise ValueError(f"signal: changes nothing beside {said[0]}: leave it out")
        if self.snap is not None and self.within is None:
            raise ValueError("snap: rounds within: to a bucket boundary, and there is no within:")
        return self


def _slo(value: Any) -> Any:
    return {"objective": value} if isinstance(value, str | int | float) else value


SLOs = dict[Role, Annotated[SLO, BeforeValidator(_slo, json_schema_input_type=str | SLO)]]
