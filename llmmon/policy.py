"""What a house asks of its rules beyond what is right or wrong: labels, annotations, names and durations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.classes import field, frozen
from llmmon.classes import names as fields_of
from llmmon.lazily import get_close_matches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

_LISTS = ("required_labels", "forbidden_labels", "required_annotations")
_PATTERNS = ("alert_name", "owners", "record_name")


@frozen
class Policy:
    """What `[tool.llmmon.lint.policy]` may say; the keys have dashes there. Patterns match whole texts."""

    required_labels: tuple[str, ...] = ()  # of alerts
    forbidden_labels: tuple[str, ...] = ()
    required_annotations: tuple[str, ...] = ()
    label_values: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    alert_name: re.Pattern[str] | None = None
    record_name: re.Pattern[str] | None = None
    for_at_least: timedelta | None = None
    for_at_most: timedelta | None = None
    look_back_at_most: timedelta | None = None  # of an expression, with ranges, offsets and subqueries together
    owners: re.Pattern[str] | None = None  # one of them stands in a comment of each rule, as pint writes it


def read(table: Any) -> Policy:
    """The policy of a table of settings. Raises `ValueError` with what is wrong with it."""
    if not isinstance(table, dict):
        raise ValueError("policy is no table: write [tool.llmmon.lint.policy]")
    names = {name.replace("_", "-"): name for name in fields_of(Policy)}
    out: dict[str, Any] = {}
    for key, value in table.items():
        if key not in names:
            near = get_close_matches(key, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            raise ValueError(f"policy: unknown setting {key!r}: {hint}")
        out[names[key]] = _value(names[key], key, value)
    return Policy(**out)


def _value(name: str, key: str, value: Any) -> Any:
    if name in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"policy: {key} is a list of texts")
        return tuple(value)
    if name == "label_values":
        if not isinstance(value, dict):
            raise ValueError(f'policy: {key} is a table: severity = "critical|warning"')
        return {label: _pattern(f"{key}: {label}", text) for label, text in value.items()}
    if name in _PATTERNS:
        return _pattern(key, value)
    found = duration.parse(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"policy: {key}: {value!r} is no duration: write it like 5m")
    return found


def _pattern(key: str, text: Any) -> re.Pattern[str]:
    try:
        return re.compile(text if isinstance(text, str) else "(")
    except re.error as error:
        raise ValueError(f"policy: {key}: {text!r} is no pattern: {error}") from None
