"""What a user may write about budgets: money or tokens, over a rolling window or until a calendar starts them anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon import unit
from llmmon.spec.alerts import Severity
from llmmon.spec.model import Model, PositiveDuration, Quantity, shown
from llmmon.spec.signals import LIMIT_SCHEMA, By, Limit

REST = "*"  # of limits per label value: every other value
PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=28)}
_FORMS = ("signal", "spent", "left", "used")


def _limits(value: Any) -> Any:
    if isinstance(value, dict):
        if not value:
            raise ValueError(f"an empty map limits nothing: write {{checkout: 100 USD, {REST!r}: 50 USD}}")
        return value
    return {REST: value}


def _resets(value: Any) -> Any:
    if isinstance(value, dict | Model):
        return value
    if value in PERIODS:
        return {"every": value}
    raise ValueError(
        f"{shown(value)} is no period: write day, week or month (in UTC), {{in: a metric of the time that is left}} "
        "or {at: a metric of the time of the reset}"
    )


def _share(value: unit.Quantity) -> unit.Quantity:
    if value.dimension not in ("ratio", "count") or value.value <= 0:
        raise ValueError(f"{value.text!r} is no share of a limit: write it like 80%")
    if value.dimension == "count" and value.value > 10:
        raise ValueError(f"{value.text!r} is {value.text} times the limit: did you mean {value.text}%?")
    return value


def _off(value: Any) -> Any:
    return None if value in (False, "off") else value


Limits = Annotated[
    dict[str, Limit],
    BeforeValidator(_limits),
    WithJsonSchema(
        {
            "description": f"A limit, or one per value of the label in by: ({REST!r} for every other value).",
            "anyOf": [LIMIT_SCHEMA, {"type": "object", "additionalProperties": LIMIT_SCHEMA, "minProperties": 1}],
        }
    ),
]
Share = Annotated[Quantity, AfterValidator(_share)]


class Resets(Model):
    """When the period ends: `day`, `week` or `month` in UTC, or a metric that knows."""

    every: Literal["day", "week", "month"] | None = None
    in_: str | None = Field(None, alias="in", description="A gauge of the time that is left; its unit says of what.")
    at: str | None = Field(None, description="A gauge of the time of the reset, in seconds since 1970.")

    @model_validator(mode="after")
    def _one(self) -> Resets:
        if sum(item is not None for item in (self.every, self.in_, self.at)) != 1:
            raise ValueError("resets needs exactly one of every, in and at")
        return self


class Budget(Model):
    """Money or tokens against a limit: a rolling window of a rate, or gauges that reset with the calendar."""

    signal: str | None = Field(None, description="A signal with rate:, added up over `rolling`.")
    rolling: PositiveDuration | None = None
    spent: str | None = Field(None, description="Calendar: a gauge of what is spent in this period.")
    left: str | None = Field(None, description="Calendar: a gauge of what is left of the limit.")
    used: str | None = Field(None, description="Calendar: a gauge of the used part, in percent or as a ratio.")
    limit: Limits | None = Field(None, description="A quantity such as 500 USD, or a metric.")
    resets: Annotated[Resets, BeforeValidator(_resets, json_schema_input_type=str | Resets)] | None = None
    by: By = Field(default_factory=dict)
    info: Share | None = None
    warning: Share | None = Field("80%", validate_default=True)
    critical: Share | None = None
    exhausted: Annotated[Severity | None, BeforeValidator(_off, json_schema_input_type=Severity | Literal["off"])] = (
        Field("critical", description="How bad it is that all of it is used.")
    )
    forecast: bool | Share = Field(False, description="Warn where the trend will pass this share of the limit.")
    trend: PositiveDuration | None = Field(None, description="What the forecast is taken from.")

    @model_validator(mode="after")
    def _fits(self) -> Budget:
        forms = [key for key in _FORMS if getattr(self, key) is not None]
        if len(forms) != 1:
            said = " and ".join(forms) or "nothing"
            raise ValueError(
                f"a budget needs exactly one of signal (with rolling:), spent, left and used: {said} is here"
            )
        for problem in (*self._of_form(forms[0]), *self._of_limit(), *self._of_forecast(forms[0])):
            raise ValueError(problem)
        return self

    def _of_form(self, form: str) -> list[str]:
        out = []
        if form == "signal":
            if self.rolling is None:
                out.append("a signal is added up over a window: write rolling: 1d beside it")
            if self.resets is not None:
                out.append("resets: is of a metric that starts anew with the calendar: write spent, left or used")
        elif self.rolling is not None:
            out.append(f"rolling: is of a signal, and {form} has a period of its own: leave it out")
        if form == "used" and self.limit is not None:
            out.append("used is a share of its limit already: leave limit out, or write spent or left")
        if form != "used" and self.limit is None:
            out.append(f"{form} needs a limit, such as limit: 500 USD, or a metric")
        return out

    def _of_limit(self) -> list[str]:
        limits = self.limit or {REST: ""}
        if list(limits) == [REST]:
            return []
        if len(self.by) != 1:
            return [f"a limit per label value needs the one label in by: {len(self.by)} are there"]
        metric = next((text for text in limits.values() if unit.parse(text) is None), None)
        return [f"{metric!r} is a metric: a limit per label value is a quantity such as 100 USD"] if metric else []

    def _of_forecast(self, form: str) -> list[str]:
        for share in (self.info, self.warning, self.critical):
            if share and share.value == 1 and self.exhausted:
                return ["100% has an alert of its own, exhausted: write a lower share, or null for none"]
        if not self.forecast:
            idle = next((key for key in ("trend", "resets") if getattr(self, key) is not None), None)
            return (
                [f"{idle}: is of a forecast, and there is none: write forecast: true, or leave it out"] if idle else []
            )
        if form != "signal" and self.resets is None:
            return ["a forecast needs to know when the period ends: write resets: month, or a metric"]
        period = PERIODS[self.resets.every] if self.resets and self.resets.every else None
        if period and self.trend and self.trend > period:
            return [f"a trend over more than the {self.resets.every} says nothing: write less"]  # type: ignore[union-attr]
        return []
