"""Notifications that come faster than anybody can read.

A group that may change every ten seconds, or that is repeated every quarter of an hour, teaches people to look away.

Bad:

    route: {receiver: a, group_interval: 10s}
    receivers: [{name: a}]

    route: {receiver: a, routes: [{matchers: [severity="critical"], repeat_interval: 15m}]}
    receivers: [{name: a}]

Good:

    route: {receiver: a, group_wait: 10s, group_interval: 5m, repeat_interval: 4h}
    receivers: [{name: a}]

    route: {receiver: a}
    receivers: [{name: a}]

    route: {receiver: a, routes: [{matchers: [severity="critical"], repeat_interval: 1h}]}
    receivers: [{name: a}]
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.rule import Facts

_LEAST = {
    "group_interval": (timedelta(minutes=1), "5m"),
    "repeat_interval": (timedelta(hours=1), "4h, or 1h for what is critical"),
}


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    for route in configuration.routes:
        for key, (least, usual) in _LEAST.items():
            time = duration.parse(str(route.value.get(key, "")))
            if time is not None and time < least and not _is_dead_man(route.value):
                message = f"{key} of {duration.text(time)} is noise: write {usual}"
                yield Finding("C054", message, origin=route.origin.at(key))


def _is_dead_man(value: Mapping[str, object]) -> bool:
    """An alert that says that alerting works is meant to come all the time."""
    return "Watchdog" in str(value) or "DeadMans" in str(value)


RULE = Rule(
    Configuration, check, {"C054": Level.WARNING}, peers=("amlint repeat-before-group", "amlint wait-exceeds-interval")
)
