"""What a user may write about a service that Kubernetes does not run."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.spec.model import Model, shown

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,254}")


def _named(value: Any) -> Any:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(f"{shown(value)} is no name of a service or unit: write one such as chat or chat.service")
    return value


ProcessName = Annotated[
    str, BeforeValidator(_named), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
]


class Process(Model):
    """What runs this service without Kubernetes: runbooks get its commands."""

    compose: ProcessName | None = Field(None, description="A service of docker compose.")
    systemd: ProcessName | None = Field(None, description="A unit of systemd.")

    @model_validator(mode="after")
    def _one(self) -> Process:
        if (self.compose is None) == (self.systemd is None):
            raise ValueError("needs exactly one of compose (such as chat) and systemd (such as chat.service)")
        return self
