"""Objectives that a preset's signals, or those of a page, are good for; times lie on boundaries that exist."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmmon import catalogue, unit
from llmmon.catalogue.entries import duration
from llmmon.draft.fitting import section, selectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.catalogue import Version
    from llmmon.catalogue.page import Family
    from llmmon.preset import Preset

AVAILABLE = "99.5%"
FAST = "95%"
NAMES = {"ttft": "first_token", "latency": "latency"}  # the first that there is: an answer may be as long as it likes
USUAL = {"ttft": Decimal("2"), "itl": Decimal("0.1"), "latency": Decimal(1)}  # seconds, where no alert says more

Objectives = dict[str, dict[str, Any]]


def of_preset(preset: Preset, version: Version | None, page: Mapping[str, Family]) -> Objectives:
    """`slos:` for a preset that brings none."""
    if section(preset.data, "slos"):
        return {}
    signals = section(preset.data, "signals")
    out: Objectives = {}
    ratio = signals.get("errors", {}).get("ratio", {})
    if "bad" in ratio or "good" in ratio:
        out["availability"] = {"signal": "errors", "objective": AVAILABLE, **_guard(preset, "errors")}
    for role in (role for role in NAMES if "histogram" in signals.get(role, {})):
        name = next(selectors(signals[role])).name or ""
        within = boundary(_bounds(preset, version, name, page), _wanted(preset, role))
        if within is not None:
            said = {"signal": role, "within": duration(within), "objective": FAST}
            out[NAMES[role]] = {**said, **_guard(preset, role)}
            break
    return out


def boundary(bounds: Iterable[Decimal], wanted: Decimal) -> Decimal | None:
    """The boundary of a histogram that is nearest to a time, as factors go."""
    return min((b for b in bounds if b > 0), key=lambda b: (abs(math.log(b / wanted)), b), default=None)


def _bounds(preset: Preset, version: Version | None, name: str, page: Mapping[str, Family]) -> tuple[Decimal, ...]:
    """Boundaries that the catalogue and the page agree on; the page's own count only where it shows some."""
    for item in preset.catalogues:
        metric = catalogue.load(item, version if item == preset.versioned else None).get(name)
        if metric and metric.unit == "seconds":
            seen = page[name].buckets if name in page else ()
            return tuple(b for b in metric.buckets if not seen or b in seen)
    return ()


def _wanted(preset: Preset, role: str) -> Decimal:
    """Where somebody is told first that a time is too long."""
    limits = [
        quantity.value
        for alert in _alerts(preset, role)
        for text in _each(alert.get("above"))
        if (quantity := unit.parse(text))
    ]
    return min(limits, default=USUAL[role])


def _guard(preset: Preset, role: str) -> dict[str, Any]:
    """The floor of traffic that the preset's own alerts ask for."""
    return next(({"guard": alert["guard"]} for alert in _alerts(preset, role) if "guard" in alert), {})


def _alerts(preset: Preset, role: str) -> Iterator[dict[str, Any]]:
    """The alerts on a signal, and then those on its like, such as the same histogram by model."""
    signals, alerts = section(preset.data, "signals"), section(preset.data, "alerts")
    like = [name for name, other in signals.items() if name != role and _source(other) == _source(signals[role])]
    for name in (role, *like):
        for alert in alerts.values():
            if isinstance(alert, dict) and str(alert.get("signal", "")).partition(".")[0] == name:
                yield alert


def _source(signal: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(signal.get(kind) for kind in ("histogram", "ratio"))


def _each(value: Any) -> Iterator[str]:
    yield from map(str, value.values() if isinstance(value, dict) else () if value is None else (value,))
