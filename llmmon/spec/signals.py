"""What a user may write about signals: one class per kind, and the key that names the kind."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from llmmon import unit
from llmmon.spec.model import Label, Model, PositiveDuration, Quantity, as_list, shown

Selector = str  # PromQL: `http_requests_total{status=~"5.."}`
Selectors = Annotated[
    tuple[Selector, ...],
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


def _limit(value: Any) -> Any:
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    try:
        constant = unit.parse(text) if isinstance(text, str) else None
    except ArithmeticError:
        raise ValueError(f"{shown(value)} is too large a number") from None
    if constant and constant.value <= 0:
        raise ValueError(f"{shown(value)} leaves nothing to use: write a limit of more than 0")
    return text


# A constant such as `500 USD`, or a metric.
LIMIT_SCHEMA: dict[str, Any] = {"type": ["string", "number"], "examples": ["500 USD", "quota_bytes"]}
Limit = Annotated[str, BeforeValidator(_limit), WithJsonSchema(LIMIT_SCHEMA)]


def _by(value: Any) -> Any:
    if isinstance(value, str):
        return {value: value}
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return {item: item for item in value}
    if isinstance(value, dict):
        return value
    raise ValueError(f"{shown(value)} is no grouping: write [label, ...] or {{new_name: label}}")


By = Annotated[
    dict[Label, Label],
    BeforeValidator(_by),
    WithJsonSchema(
        {
            "description": "Labels that the result keeps; as a map, new name: label.",
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ],
        }
    ),
]


class SignalBase(Model):
    """What every signal may say."""

    by: By = Field(default_factory=dict)
    unit: str | None = Field(None, description="seconds, bytes, ratio, a currency, or what is counted.")
    help: str | None = Field(None, description="One sentence for panels and alerts.")


class RateSignal(SignalBase):
    """Events per second."""

    rate: Selectors
    window: PositiveDuration | None = None


class CountSignal(SignalBase):
    """Events within the window."""

    increase: Selectors
    window: PositiveDuration | None = None


class Ratio(Model):
    """Exactly one of bad, good and part, over total."""

    bad: Selectors | None = None
    good: Selectors | None = None
    part: Selectors | None = None
    total: Selectors

    @model_validator(mode="after")
    def _one(self) -> Ratio:
        if sum(x is not None for x in (self.bad, self.good, self.part)) != 1:
            raise ValueError("a ratio needs exactly one of bad, good and part, and total")
        return self


class RatioSignal(SignalBase):
    """A share of events: bad, good or neutral part over total."""

    ratio: Ratio
    window: PositiveDuration | None = None
    per: Quantity | None = Field(None, description="The total in lots of this many, such as 1000 tokens.")


class HistogramSignal(SignalBase):
    """Quantiles and the mean of a histogram: `latency.p95`, `latency.mean`."""

    histogram: Selector
    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field((0.5, 0.95, 0.99), max_length=16)
    window: PositiveDuration | None = None


class SummarySignal(SignalBase):
    """The mean of a summary, or of a histogram without buckets."""

    mean: Selector
    window: PositiveDuration | None = None


class GaugeSignal(SignalBase):
    """A gauge."""

    gauge: Selector
    how: Literal["sum", "avg", "min", "max"] = "max"
    over: PositiveDuration | None = Field(None, description="Its mean over this time.")


class Usage(Model):
    """Used (or free) over limit, which is a metric or a constant."""

    used: Selector | None = None
    free: Selector | None = None
    limit: Limit

    @model_validator(mode="after")
    def _one(self) -> Usage:
        if (self.used is None) == (self.free is None):
            raise ValueError("a usage needs exactly one of used and free, and limit")
        return self


class UsageSignal(SignalBase):
    """How full something is, 0 to 1; `rated` takes the rate of a counter first."""

    usage: Usage
    how: Literal["sum", "avg", "min", "max"] = "max"
    rated: PositiveDuration | None = None


class AgeSignal(SignalBase):
    """Seconds since the time that a timestamp metric holds."""

    age: Selector


class ExprSignal(SignalBase):
    """An expression of your own; it must keep the labels in `by`."""

    expr: str


KINDS = {
    "rate": RateSignal,
    "increase": CountSignal,
    "ratio": RatioSignal,
    "histogram": HistogramSignal,
    "mean": SummarySignal,
    "gauge": GaugeSignal,
    "usage": UsageSignal,
    "age": AgeSignal,
    "expr": ExprSignal,
}


def _kind(value: Any) -> str | None:
    if isinstance(value, Model):
        return next((f"<{kind}>" for kind, model in KINDS.items() if isinstance(value, model)), None)
    if isinstance(value, dict):
        return next((f"<{kind}>" for kind in KINDS if kind in value), None)
    return None


Signal = Annotated[
    Annotated[RateSignal, Tag("<rate>")]
    | Annotated[CountSignal, Tag("<increase>")]
    | Annotated[RatioSignal, Tag("<ratio>")]
    | Annotated[HistogramSignal, Tag("<histogram>")]
    | Annotated[SummarySignal, Tag("<mean>")]
    | Annotated[GaugeSignal, Tag("<gauge>")]
    | Annotated[UsageSignal, Tag("<usage>")]
    | Annotated[AgeSignal, Tag("<age>")]
    | Annotated[ExprSignal, Tag("<expr>")],
    Discriminator(
        _kind,
        custom_error_type="signal_kind",
        custom_error_message=f"a signal needs one of: {', '.join(KINDS)}",
    ),
]
