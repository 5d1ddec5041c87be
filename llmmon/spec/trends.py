"""What a user may write about a signal's own past: values measured in normal operation, and where it is going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from llmmon.spec.alerts import Category, Guard, Severity
from llmmon.spec.model import AlertName, Duration, Model, PositiveDuration, Quantity
from llmmon.spec.signals import By

if TYPE_CHECKING:
    from llmmon import unit

WIDEST = 10  # times the baseline; beyond that the number is a typing error


def _tolerance(value: unit.Quantity) -> unit.Quantity:
    if value.dimension not in ("ratio", "count"):
        raise ValueError(f"{value.text!r} is no tolerance: write a share of the baseline, such as 20%")
    if value.value <= 0:
        raise ValueError(f"{value.text!r} tolerates nothing, so it would always fire: write a share such as 20%")
    if value.value > WIDEST:
        hint = f"did you mean {value.text}%?" if value.dimension == "count" else f"write {WIDEST * 100}% or less"
        raise ValueError(f"{value.text!r} is more than {WIDEST} times the baseline: {hint}")
    return value


Tolerance = Annotated[Quantity, AfterValidator(_tolerance)]


class Baseline(Model):
    """A value that was measured in normal operation, and how far off is worth a note."""

    signal: str
    value: Quantity = Field(description="With its unit, such as 45ms, 85%, 1.5GiB or 1000/s.")
    tolerance: Tolerance = Field("20%", validate_default=True, description="Share of the value, at most 1000%.")
    worse: Literal["above", "below", "both"] | None = Field(
        None, description="The side that is told. Follows from the signal where one side alone can be bad."
    )


class Trend(Model):
    """Where a signal is going: against an earlier time, per time, or towards a limit. Recorded, shown, and watched."""

    of: str = Field(description="A signal.")
    by: By | None = None
    versus: PositiveDuration | None = Field(None, description="Now as a share of what it was this long ago.")
    rises: Quantity | None = Field(None, description="With versus: an alert where it is higher by more than this.")
    drops: Quantity | None = Field(None, description="With versus: an alert where it is lower by more than this.")
    per: PositiveDuration | None = Field(None, description="How much it grows in this time.")
    grows: Quantity | None = Field(None, description="With per: an alert where it grows by more than this.")
    until: Quantity | None = Field(None, description="A limit: how long until it is reached.")
    over: PositiveDuration | None = Field(None, description="With until: the time that the trend is taken from, or 1d.")
    within: PositiveDuration | None = Field(None, description="With until: an alert where that is less than this.")
    alert: AlertName | None = Field(None, description="The alert's name; else it is made from the trend's.")
    severity: Severity = "info"
    category: Category | None = None
    hold: Duration = Field("1h", alias="for", validate_default=True)
    guard: Guard | None = None
    summary: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Trend:
        forms = [name for name in FORMS if getattr(self, name) is not None]
        if len(forms) != 1:
            said = " and ".join(forms) or "nothing"
            raise ValueError(f"a trend needs exactly one of {', '.join(FORMS)}: {said} is here")
        form = forms[0]
        for other, keys in FORMS.items():
            stray = next((key for key in keys if other != form and getattr(self, key) is not None), None)
            if stray:
                raise ValueError(f"{stray}: belongs to {other}, and this trend has {form}: remove it, or make another")
        if self.rises and self.drops:
            raise ValueError("rises and drops are two alerts: make a trend for each")
        idle = [key for key in _OF_ALERT if key in self.model_fields_set]
        if idle and not self.alerts:
            told = " or ".join(key for key in FORMS[form] if key != "over")
            key = "for" if idle[0] == "hold" else idle[0]
            raise ValueError(f"{key}: is of an alert, and this trend has none: write {told} as well")
        return self

    @property
    def alerts(self) -> bool:
        """Whether it has a bound that an alert watches."""
        return any(bound is not None for bound in (self.rises, self.drops, self.grows, self.within))


FORMS = {"versus": ("rises", "drops"), "per": ("grows",), "until": ("within", "over")}
_OF_ALERT = ("alert", "severity", "category", "hold", "guard", "summary")
