"""A metric in a unit that is no base unit, or whose unit is cut short.

Prometheus measures in seconds and bytes: a panel that divides milliseconds by seconds is wrong by a thousand, and
nobody sees it. `_ms` or `_mb` say less than the words do.

Bad:

    app_latency_milliseconds: histogram

    app_cache_mb: gauge

Good:

    app_latency_seconds: histogram

    app_cache_bytes: gauge
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, MetricDeclaration, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_UNITS = {  # what promtool knows, and the base unit
    **{unit: unit for unit in ("amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres")},
    **{unit: unit for unit in ("seconds", "volts")},
    **dict.fromkeys(("minutes", "hours", "days", "weeks"), "seconds"),
    **dict.fromkeys(("fahrenheit", "rankine"), "celsius"),
    **dict.fromkeys(("inches", "yards", "miles"), "meters"),
    **dict.fromkeys(("pounds", "ounces"), "grams"),
    "kelvins": "kelvin",
    "bits": "bytes",
    "calories": "joules",
}
_PREFIXES = (
    *("pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "giga"),
    *("gibi", "tera", "tebi", "peta", "pebi"),
)
_SHORT = frozenset(("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"))


def check(metric: MetricDeclaration, facts: Facts) -> Iterator[Finding]:
    del facts
    if metric.misnamed:
        return
    parts = metric.name.split("_")
    unit = next((part for part in parts if _base(part)), None)
    if unit and (base := _base(unit)) != unit:
        yield Finding("M002", f"{metric.name} is in {unit}: measure in {base}, and name it so")
    for part in parts[1:]:
        if part.lower() in _SHORT:
            yield Finding("M010", f"{metric.name} cuts a unit short: write the word instead of _{part}")


def _base(part: str) -> str | None:
    if part in _UNITS:
        return _UNITS[part]
    return next((_UNITS[rest] for p in _PREFIXES if part.startswith(p) and (rest := part[len(p) :]) in _UNITS), None)


RULE = Rule(MetricDeclaration, check, {"M002": Level.WARNING, "M010": Level.WARNING}, peers=("promtool check metrics",))
