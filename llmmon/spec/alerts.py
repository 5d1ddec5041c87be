"""What a user may write about alerts."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.model import (
    DURATION_SCHEMA,
    QUANTITY_SCHEMA,
    Duration,
    Label,
    Model,
    PositiveDuration,
    Quantity,
    as_list,
    shown,
)
from llmmon.spec.signals import By

Severity = Literal["critical", "warning", "info"]
Category = Literal[
    "availability", "errors", "latency", "saturation", "capacity", "cost", "security", "quality", "change", "meta"
]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SEVERITIES = ("critical", "warning", "info")


def _ladder(value: Any) -> Any:
    return value if isinstance(value, dict) else {"": value}


def _ladder_schema(of: str, scalar: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": f"{of}, or one per severity.",
        "anyOf": [
            scalar,
            {"type": "object", "properties": dict.fromkeys(_SEVERITIES, scalar), "additionalProperties": False},
        ],
    }


_THRESHOLDS = _ladder_schema("A threshold", QUANTITY_SCHEMA)
_HOLDS = _ladder_schema("A duration", DURATION_SCHEMA)
_WHERE = {
    "type": "array",
    "items": {
        "description": "Label values, and another threshold for them.",
        "type": "object",
        "properties": {"above": _THRESHOLDS, "below": _THRESHOLDS},
        "additionalProperties": {"type": "string"},
        "minProperties": 2,
    },
}


Thresholds = Annotated[
    dict[Literal["", "critical", "warning", "info"], Quantity], BeforeValidator(_ladder), WithJsonSchema(_THRESHOLDS)
]
Holds = Annotated[
    dict[Literal["", "critical", "warning", "info"], Duration], BeforeValidator(_ladder), WithJsonSchema(_HOLDS)
]
Strings = Annotated[
    tuple[str, ...],
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Change(Model):
    """A change against an earlier value: `by: 20%` more or less, or `times: 3` as much."""

    by: Quantity | None = None
    times: Quantity | None = None
    versus: PositiveDuration = Field(description="How long ago, such as 7d.")
    mean: bool = Field(False, description="Against the mean over that time instead of the value then.")

    @model_validator(mode="after")
    def _one(self) -> Change:
        if (self.by is None) == (self.times is None):
            raise ValueError("needs exactly one of by (such as 20%) and times (such as 3)")
        return self


class Deviation(Model):
    """Off its own mean: by so many standard deviations, or by a share."""

    sigma: Quantity | None = None
    by: Quantity | None = None
    over: PositiveDuration
    floor: Quantity = Field("10%", validate_default=True, description="Ignore deviations below this share of the mean.")

    @model_validator(mode="after")
    def _one(self) -> Deviation:
        if (self.sigma is None) == (self.by is None):
            raise ValueError("needs exactly one of sigma (such as 3) and by (such as 10%)")
        return self


class Growth(Model):
    """Grew by more than that within the time."""

    more_than: Quantity
    within: PositiveDuration


class Fill(Model):
    """At its trend, passes the limit within the time."""

    limit: Quantity
    within: PositiveDuration
    trend: PositiveDuration


class Guard(Model):
    """Quiet unless this signal is above the floor."""

    signal: str
    above: Quantity


class Where(Model):
    """Another threshold for some label values."""

    labels: dict[Label, str] = Field(min_length=1)
    above: Thresholds | None = None
    below: Thresholds | None = None

    @model_validator(mode="after")
    def _one(self) -> Where:
        if (self.above is None) == (self.below is None):
            raise ValueError("a where: needs labels and one threshold, such as {model: a, above: 5s}")
        return self


class Test(Model):
    """Series in promtool's notation, one value a minute."""

    fires: Strings = ()
    silent: Strings = ()

    @model_validator(mode="after")
    def _some(self) -> Test:
        if not self.fires and not self.silent:
            raise ValueError("a test needs fires: or silent:, a list of series")
        return self


class Patch(Model):
    """What one environment changes."""

    above: Thresholds | None = None
    below: Thresholds | None = None
    hold: Holds | None = Field(None, alias="for")


def _patches(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is no map: write in: {{staging: off}} or in: {{staging: {{above: 5s}}}}")
    return {key: (None if item in ("off", False) else item) for key, item in value.items()}


def _patch(value: Any) -> Any:
    if not isinstance(value, dict | Model):
        raise ValueError(f"{shown(value)} is no patch: write off, or a map such as {{above: 5s, for: 10m}}")
    return value


def _where(value: Any) -> Any:
    """`{model: a, above: 5s}`: what is no verb is a label."""
    if not isinstance(value, list):
        raise ValueError(f"{shown(value)} is no list: write where: [{{label: value, above: ...}}]")
    out = []
    for item in value:
        if not isinstance(item, dict):
            raise ValueError(f"{shown(item)} is no map: write {{label: value, above: ...}}")
        verbs = {key: item[key] for key in ("above", "below") if key in item}
        out.append({"labels": {key: item[key] for key in item if key not in verbs}, **verbs})
    return out


def _reason(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"off: {shown(value)} gives no reason: write why, such as off: the batch quota is tight")
    return value


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if _DAY.fullmatch(str(value)) else "")
    except ValueError:
        raise ValueError(f"{shown(value)} is no day: write it like 2027-03-01") from None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class Alert(Model):
    """A signal and a verb, or an expression of your own with a summary and a test."""

    signal: str | None = None
    expr: str | None = None
    above: Thresholds | None = None
    below: Thresholds | None = None
    rises: Change | None = None
    drops: Change | None = None
    deviates: Deviation | None = None
    grows: Growth | None = None
    fills_in: Fill | None = None
    stale: Duration | None = Field(None, description="A timestamp metric's value is older than that.")
    absent: bool | None = Field(None, description="No series of the signal exists.")
    down: Literal["all", "some"] | None = Field(None, description="All targets are down or gone, or some are down.")
    by: By | None = None
    hold: Holds | None = Field(None, alias="for")
    keep_for: Duration | None = Field(None, description="Keep firing this long after the condition has cleared.")
    severity: Severity | None = None
    category: Category | None = None
    unit: str | None = None
    summary: str | None = None
    description: str | None = None
    guard: Guard | None = None
    where: Annotated[tuple[Where, ...], BeforeValidator(_where), WithJsonSchema(_WHERE)] = ()
    envs: Annotated[
        dict[str, Annotated[Patch, BeforeValidator(_patch)] | None],
        BeforeValidator(_patches, json_schema_input_type=dict[str, Patch | Literal["off"]]),
    ] = Field(default_factory=dict, alias="in")
    off: Annotated[str | None, BeforeValidator(_reason)] = Field(None, description="Why it is off.")
    until: Day | None = Field(None, description="Off or patched only until then; a reminder, not a switch.")
    test: Test | None = None

    @model_validator(mode="after")
    def _one_verb(self) -> Alert:
        if self.off:
            return self
        verbs = [name for name in VERBS if getattr(self, name) is not None]
        if self.absent is False:
            raise ValueError("absent: false sets no condition: leave it out, or name another one")
        idle = [key for key in ("by", "guard", "where") if getattr(self, key)]
        if idle and (self.expr is not None or self.down):
            advice = "write it inside the expression" if self.expr is not None else "it watches all targets together"
            raise ValueError(f"{idle[0]}: changes nothing here: {advice}")
        if self.where and verbs and verbs[0] not in ("above", "below"):
            raise ValueError(f"where: sets thresholds, and {verbs[0]} has none: make another alert for these labels")
        if self.expr is not None:
            if verbs or self.signal:
                raise ValueError("an alert has a signal and a verb, or an expr, not both")
            if not self.summary:
                raise ValueError("an expr alert needs a summary")
            if not self.test:
                raise ValueError("an expr alert needs a test: {fires: [series ...]}")
            return self
        if len(verbs) > 1:
            both, last = " and ".join(verbs), verbs[-1]
            raise ValueError(
                f"{both} are {len(verbs)} conditions, an alert has one: keep one (`{last}: false` removes a preset's)"
            )
        if not verbs:
            raise ValueError(f"an alert needs a condition: one of {', '.join(VERBS)}, or an expr")
        if self.signal is None and verbs != ["down"]:
            raise ValueError(f"{verbs[0]} needs a signal: write signal: NAME beside it")
        return self


VERBS = ("above", "below", "rises", "drops", "deviates", "grows", "fills_in", "stale", "absent", "down")
