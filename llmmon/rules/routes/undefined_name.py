"""A receiver or a time interval that is nowhere defined, or a tree without a root.

Alertmanager does not start on such a file, and goes on with the old one when it is reloaded.

Bad:

    route: {receiver: default}
    receivers: [{name: critical}]

    route: {receiver: a, routes: [{receiver: a, active_time_intervals: [weekdays-business-hours]}]}
    receivers: [{name: a}]

    route: {group_by: [alertname]}
    receivers: [{name: a}]

    receivers: [{name: a}]

Good:

    route: {receiver: a, routes: [{matchers: [severity="info"], active_time_intervals: [weekdays]}]}
    receivers: [{name: a}]
    time_intervals: [{name: weekdays, time_intervals: [{weekdays: ["monday:friday"]}]}]

    route: {receiver: a}
    receivers: [{name: a}]

    route: {receiver: a, routes: [{receiver: b, mute_time_intervals: [night]}]}
    receivers: [{name: a}, {name: b}]
    mute_time_intervals: [{name: night, time_intervals: []}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration, Route
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_TIMES = ("active_time_intervals", "mute_time_intervals")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    if not configuration.routes:
        message = "it has no route:, without which Alertmanager does not start: add route: {receiver: NAME}"
        yield Finding("C001", message, origin=configuration.origin)
        return
    root = configuration.routes[0]
    if not root.value.get("receiver"):
        yield Finding("C002", "the root route needs a receiver: write receiver: NAME", origin=root.origin)
    for route in configuration.routes:
        name = route.value.get("receiver")
        if name and str(name) not in configuration.receivers:
            yield Finding(
                "C003", f"undefined receiver {name!r}: {_known(configuration)}", origin=route.origin.at("receiver")
            )
        yield from _intervals(route, _defined(configuration))


def _intervals(route: Route, defined: set[str]) -> Iterator[Finding]:
    for key in _TIMES:
        names = route.value.get(key)
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if str(name) not in defined:
                message = f"undefined time interval {name!r}: define it under time_intervals:"
                yield Finding("C004", message, origin=route.origin.at(key, index))


def _defined(configuration: Configuration) -> set[str]:
    lists = (configuration.value.get(key) for key in ("time_intervals", "mute_time_intervals"))
    return {
        str(item.get("name")) for found in lists if isinstance(found, list) for item in found if isinstance(item, dict)
    }


def _known(configuration: Configuration) -> str:
    names = ", ".join(sorted(configuration.receivers))
    return f"define it, or name one of {names}" if names else "define it under receivers:"


RULE = Rule(
    Configuration,
    check,
    {**dict.fromkeys(("C001", "C002", "C003", "C004"), Level.ERROR)},
    peers=("amtool", "amlint undefined-receiver", "amlint undefined-time-interval"),
)
