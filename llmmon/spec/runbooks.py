"""What a user may write about answering alerts: how soon somebody acknowledges one, and how soon it is over."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from llmmon import duration
from llmmon.spec.model import DURATION_SCHEMA, Model, PositiveDuration, shown

BEST_EFFORT = "best effort"


class Times(Model):
    """How soon somebody acknowledges an alert, and how soon it is resolved or goes to somebody else."""

    acknowledge: PositiveDuration
    resolve: PositiveDuration

    @model_validator(mode="after")
    def _order(self) -> Times:
        if self.resolve < self.acknowledge:
            resolve, acknowledge = duration.text(self.resolve), duration.text(self.acknowledge)
            raise ValueError(f"resolve: {resolve} is over before acknowledge: {acknowledge}: make it the longer one")
        return self


def _response(value: Any) -> Any:
    if value == BEST_EFFORT:
        return None
    if not isinstance(value, dict | Times):
        advice = f"{{acknowledge: 5m, resolve: 30m}}, or {BEST_EFFORT}"
        raise ValueError(f"{shown(value)} is no response time: write {advice}")
    return value


_SCHEMA = {
    "description": "`best effort`, or how soon an alert is acknowledged, and resolved or escalated.",
    "anyOf": [
        {"const": BEST_EFFORT},
        {
            "type": "object",
            "properties": {"acknowledge": DURATION_SCHEMA, "resolve": DURATION_SCHEMA},
            "required": ["acknowledge", "resolve"],
            "additionalProperties": False,
        },
    ],
}
Responses = dict[
    Literal["critical", "warning", "info"],
    Annotated[Times | None, BeforeValidator(_response), WithJsonSchema(_SCHEMA)],
]
