"""A route that is muted at all times, or an interval that never comes.

A span of a time interval without a limit is all of the time, and a list without a span is none of it. A route that is
muted in the first, or active in the second only, tells nobody. The thirty-first of February never comes.

Bad:

    route: {receiver: a, routes: [{receiver: a, mute_time_intervals: [nights]}]}
    time_intervals: [{name: nights, time_intervals: [{location: Europe/Berlin}]}]

    route: {receiver: a, routes: [{receiver: a, active_time_intervals: [days]}]}
    time_intervals: [{name: days, time_intervals: []}]

    time_intervals: [{name: leap, time_intervals: [{months: [february], days_of_month: ["30:31"]}]}]

Good:

    route: {receiver: a, routes: [{receiver: a, mute_time_intervals: [nights]}]}
    time_intervals: [{name: nights, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]

    route: {receiver: a, routes: [{receiver: a, active_time_intervals: [days]}]}
    time_intervals: [{name: days, time_intervals: [{weekdays: ["monday:friday"]}]}]

    time_intervals: [{name: leap, time_intervals: [{months: [february], days_of_month: ["29"]}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.documents.alertmanager import values
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_LIMITS = ("times", "weekdays", "days_of_month", "months", "years")
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    spans = {name: found for name, found, _ in _intervals(configuration)}
    for route in configuration.routes:
        for key, message in (
            ("mute_time_intervals", "has no limits, so this route is always muted: write times: or weekdays:"),
            ("active_time_intervals", "has no spans, so this route is never active: write what it is"),
        ):
            named = [str(name) for name in _list(route.value.get(key))]
            wrong = [name for name in named if name in spans and _is_all(spans[name], key == "mute_time_intervals")]
            if wrong and (key == "mute_time_intervals" or len(wrong) == len(named)):
                at = route.origin.at(key, named.index(wrong[0]))
                yield Finding("C055", f"{wrong[0]} {message}", origin=at)
    for _, found, origin in _intervals(configuration):
        for index, span in enumerate(found):
            if isinstance(span, dict) and _never(span):
                message = "no such day is in these months, so this never comes: mend days_of_month"
                yield Finding("C055", message, origin=origin.at("time_intervals", index))


def _is_all(spans: list[Any], mutes: bool) -> bool:
    """Whether spans are all of the time, or none of it."""
    if not mutes:
        return not spans
    return any(isinstance(span, dict) and not any(span.get(limit) for limit in _LIMITS) for span in spans)


def _never(span: dict[str, Any]) -> bool:
    days = [values.day_range(str(text)) for text in _list(span.get("days_of_month"))]
    months = [values.month_range(str(text)) for text in _list(span.get("months"))]
    if not days or not months or None in days or None in months:
        return False
    each = {month for found in months if found for month in range(max(found[0], 1), min(found[1], 12) + 1)}
    longest = max((_LONGEST.get(month, 31) for month in each), default=31)
    return all(found is not None and found[0] > longest for found in days)


def _intervals(configuration: Configuration) -> Iterator[tuple[str, list[Any], Origin]]:
    for key in ("time_intervals", "mute_time_intervals"):
        for index, item in enumerate(_list(configuration.value.get(key))):
            if isinstance(item, dict):
                yield str(item.get("name")), _list(item.get("time_intervals")), configuration.origin.at(key, index)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


RULE = Rule(
    Configuration,
    check,
    {"C055": Level.WARNING},
    peers=("amlint route-always-muted", "amlint time-interval-never-active"),
)
