"""What a user may write under `uses:`: presets, their versions, and the names that a fleet has for their metrics."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from llmmon.catalogue import version as versions
from llmmon.spec.model import Model, shown

_START = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_RENAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\*?\Z")

Translation = Literal[
    "UnderscoreEscapingWithSuffixes",
    "UnderscoreEscapingWithoutSuffixes",
    "NoUTF8EscapingWithSuffixes",
    "NoTranslation",
]


class Use(Model):
    """A preset, or a catalogue alone: its version, and how the fleet relabels its metrics."""

    version: str | None = Field(None, description="Such as 1.106; without one, the newest that is known.")
    prefix: str = Field("", description="What relabelling puts before each name: kserve_, ray_.")
    rename: dict[str, str] = Field(
        default_factory=dict, description="Old name: new name; `vllm:*: vllm_*` changes how all names begin."
    )
    translation: Translation = Field(
        "UnderscoreEscapingWithSuffixes",
        description="Prometheus's otlp.translation_strategy, where metrics come by OTLP.",
    )

    only: Literal["metrics"] | None = Field(
        None, description="The metrics alone, where another service's are shown: no signal, no alert, no dashboard."
    )

    @model_validator(mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if isinstance(value, dict) and "version" in value:
            return {**value, "version": _version(value["version"])}
        return value

    @model_validator(mode="after")
    def _names(self) -> Use:
        if self.prefix and not _START.match(self.prefix):
            raise ValueError(f"prefix {shown(self.prefix)} begins no metric name: use letters, digits, _ and :")
        for old, new in self.rename.items():
            wrong = next((name for name in (old, new) if not _RENAME.match(name)), None)
            if wrong is not None:
                raise ValueError(f"{shown(wrong)} is no metric name: write old: new, or vllm:*: vllm_*")
            if old.endswith("*") != new.endswith("*"):
                raise ValueError(f"rename {old}: {new}: a * stands at the end of both, or of neither")
        return self


def _version(value: Any) -> Any:
    """A version as text; a number has lost its zeros."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        raise ValueError(f'{value} is a number, and 0.10 would be 0.1: put the version in quotes, such as "{value}"')
    if isinstance(value, str) and versions.parse(value) is None:
        raise ValueError(f'{shown(value)} is no version: write one such as "0.19" or "1.106.2"')
    return value


def _uses(value: Any) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return {name: Use() for name in value}
    if isinstance(value, dict):
        return {name: _use(name, item) for name, item in value.items() if item is not False}
    example = f"[{value}]" if isinstance(value, str) and value else "[http, kubernetes]"
    raise ValueError(f"{shown(value)} is no list of presets: write uses: {example}; {{http: false}} leaves one out")


def _use(name: str, value: Any) -> Any:
    if value is True:
        return Use()
    if isinstance(value, dict | Use):
        return value
    if value == "metrics":
        return {"only": value}
    if isinstance(value, str | float | int):
        return {"version": _version(value)}
    ways = f'{name}: true, {name}: "1.2", {name}: metrics or {name}: {{...}}'
    raise ValueError(f"{shown(value)} is no version of {name}: write {ways}")


Uses = Annotated[
    dict[str, Use],
    BeforeValidator(_uses, json_schema_input_type=list[str] | dict[str, bool | str | Use]),
]
