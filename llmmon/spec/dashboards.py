"""What a user may write about dashboards: rows of panels, each on a signal or on an expression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.model import Model, PositiveDuration, Quantity, as_list, shown
from llmmon.spec.signals import By

Kind = Literal["timeseries", "stat", "gauge", "bargauge", "barchart", "piechart", "table", "heatmap"]


def _queries(value: Any) -> Any:
    """One expression, or a map of legend: expression."""
    return {"": value} if isinstance(value, str) else value


class Panel(Model):
    """A signal (or several), or an expression; everything else has a default that follows from it."""

    title: str = Field(min_length=1)
    signal: Annotated[
        tuple[str, ...],
        BeforeValidator(as_list),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = ()
    expr: Annotated[
        dict[str, str],
        BeforeValidator(_queries),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
    ] = Field(default_factory=dict)
    kind: Kind | None = Field(None, alias="as")
    by: By | None = None
    top: Annotated[int, Field(ge=1, le=100)] | None = Field(None, description="The highest so many, at this instant.")
    total: PositiveDuration | None = Field(None, description="Events in this time instead of events per second.")
    unit: str | None = None
    help: str | None = None
    target: Quantity | None = Field(None, description="A line that is wanted, where no alert has one.")
    stacked: bool = False
    values: dict[Annotated[str, BeforeValidator(_number)], str] = Field(
        default_factory=dict, description="Texts for values, such as {1: UP, 0: DOWN}."
    )

    @model_validator(mode="after")
    def _one(self) -> Panel:
        if bool(self.signal) == bool(self.expr):
            raise ValueError("a panel needs exactly one of signal and expr")
        if self.expr and not self.unit:
            raise ValueError("a panel with an expr needs a unit, such as seconds, bytes, ratio or requests/s")
        return self


def _number(value: Any) -> str:
    try:
        float(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"{shown(value)} is no number: values: maps a series' values, such as {{1: UP, 0: DOWN}}"
        ) from None
    return str(value)


def _rows(value: Any) -> Any:
    if isinstance(value, list):
        return {"": value}
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is no list of panels and no map of row titles to panels")
    return value


class Dashboard(Model):
    """A dashboard of its own, or `service`, which adds to the generated overview."""

    title: str | None = None
    help: str | None = None
    refresh: PositiveDuration = Field("30s", validate_default=True)
    time: PositiveDuration = Field("1h", validate_default=True, description="The range shown at first.")
    panels: Annotated[
        dict[str, tuple[Panel, ...]],
        BeforeValidator(_rows, json_schema_input_type=tuple[Panel, ...] | dict[str, tuple[Panel, ...]]),
    ] = Field(default_factory=dict, description="Panels, or rows: a map of row titles to panels.")
