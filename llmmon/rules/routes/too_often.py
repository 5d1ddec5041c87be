"""Notifications that come faster than anybody can read.

A group that may change every ten seconds, or that is repeated every quarter of an hour, teaches people to look away.
Nothing is repeated before the next `group_interval` has passed, so a shorter `repeat_interval` means nothing, and one
that is no multiple of it is rounded up. What is older than `--data.retention`, 120h unless somebody said more, is
forgotten, and told again. How fast a chat or a program is told is a matter of taste.

Bad:

    route: {receiver: a, group_interval: 10s}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, routes: [{matchers: [severity="critical"], repeat_interval: 5m}]}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, group_interval: 6h, repeat_interval: 4h}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, group_interval: 3h, repeat_interval: 4h}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, repeat_interval: 30d}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

Good:

    route: {receiver: a, group_wait: 10s, group_interval: 5m, repeat_interval: 4h}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, routes: [{matchers: [severity="critical"], repeat_interval: 1h}]}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, group_interval: 2h, repeat_interval: 4h}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]

    route: {receiver: a, repeat_interval: 5d}
    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /k}]}]
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, lazily
from llmmon.documents.routes import Configuration, Route
from llmmon.heartbeat import says_alive
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.rule import Facts

_DEFAULTS = {
    "group_wait": timedelta(seconds=30),
    "group_interval": timedelta(minutes=5),
    "repeat_interval": timedelta(hours=4),
}
_DIGEST = timedelta(hours=1)
_KEPT = timedelta(hours=120)
_AUTOMATIC = lazily.pattern(
    r"ansible|\beda\b|remediat|self-?heal|scale-?(?:up|down|out)|autopilot|stackstorm|rundeck|n8n", re.IGNORECASE
)  # no people
_MUCH = 1.2  # times what is written
_PAGERS = ("incidentio_configs", "opsgenie_configs", "pagerduty_configs", "pushover_configs", "victorops_configs")
_LEAST = {
    "group_interval": (timedelta(seconds=30), "5m"),
    "repeat_interval": (timedelta(minutes=20), "4h, or 1h for what is critical"),
}


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    for route in configuration.routes:
        told = _told(route, configuration)
        if _is_dead_man(route.value) or not told:
            continue
        wakes = not told.isdisjoint(_PAGERS)  # what a chat shows as often as it likes is a matter of taste
        for key, (least, usual) in _LEAST.items() if wakes else ():
            time = duration.parse(str(route.value.get(key, "")))
            if time is not None and _really(route, key, time) < least:
                message = f"{key} of {duration.text(time)} is noise: write {usual}"
                yield Finding("C054", message, origin=route.origin.at(key))
        yield from _order(route, wakes)
        yield from _rounded(route)


def _really(route: Route, key: str, time: timedelta) -> timedelta:
    """How long it takes: nothing is repeated sooner than a group may change, and a group of one alert hardly does."""
    if key == "group_interval":
        return _KEPT if _is_single(route) else time
    interval = _time(route, "group_interval")
    return max(time, interval) if interval else time


def _is_single(route: Route) -> bool:
    """Whether each alert is a group of its own."""
    grouped = route.inherited("group_by")
    return isinstance(grouped, list) and "..." in grouped


def _told(route: Route, configuration: Configuration) -> set[str]:
    """The ways by which people are told as fast as this route says, by itself or by one below it."""
    quick = [key for key in _DEFAULTS if key in route.value]
    if not quick:
        return set()
    telling = {way.receiver for way in configuration.integrations}
    names: set[str] = set()
    automatic = {way.receiver for way in configuration.integrations if _AUTOMATIC.search(str(way.value.get("url", "")))}
    automatic |= telling - {way.receiver for way in configuration.integrations if way.kind != "webhook_configs"}
    for other in configuration.routes:
        if other is route or any(above is route for above in other.above):
            name = str(other.inherited("receiver") or "")
            if name in automatic or _AUTOMATIC.search(name):
                continue
            if other is route or any(key not in other.value for key in quick):
                names.add(name)
    return {way.kind for way in configuration.integrations if way.receiver in names}


def _order(route: Route, wakes: bool) -> Iterator[Finding]:
    """What a route says itself, beside what it inherits."""
    repeat, interval, wait = (_time(route, key) for key in ("repeat_interval", "group_interval", "group_wait"))
    if wait and wait >= _DIGEST:
        return  # what comes once in a while is collected first
    if not wakes or _is_single(route) or (interval and interval < _LEAST["group_interval"][0]):
        wait = None  # that is said already, or nothing comes next
    for key, one, other, less, more in (
        ("repeat_interval", repeat, interval, "group_interval", "repeats come no sooner than that"),
        ("group_wait", interval, wait, "group_interval", "the first notification waits longer than the next ones"),
    ):
        said = next((name for name in (key, less) if name in route.value), None)
        if said and one is not None and other is not None and one < other:
            what = f"{key} of {duration.text(one if key == 'repeat_interval' else other)}"
            than = f"{less} of {duration.text(other if key == 'repeat_interval' else one)}"
            side = "less" if key == "repeat_interval" else "more"
            usual = "4h" if side == "less" else "30s" if other > _DEFAULTS["group_wait"] else "group_interval: 5m"
            message = f"{what} is {side} than the {than}, and {more}: write {usual}"
            yield Finding("C054", message, origin=route.origin.at(said))


def _rounded(route: Route) -> Iterator[Finding]:
    """Repeats that come at another time than is written."""
    repeat, interval = _time(route, "repeat_interval"), _time(route, "group_interval")
    said = next((name for name in ("repeat_interval", "group_interval") if name in route.value), None)
    if said is None or not repeat or not interval or repeat < interval:
        return
    if "repeat_interval" in route.value and repeat > _KEPT:
        message = (
            f"repeat_interval of {duration.text(repeat)} is longer than Alertmanager remembers, which is 120h unless "
            "--data.retention says more: write 5d, or raise that"
        )
        yield Finding("C054", message, origin=route.origin.at(said))
    real = -(-repeat // interval) * interval
    if real >= repeat * _MUCH:
        message = (
            f"repeat_interval of {duration.text(repeat)} becomes {duration.text(real)}, the next multiple of "
            f"group_interval {duration.text(interval)}: write that"
        )
        yield Finding("C054", message, origin=route.origin.at(said))


def _time(route: Route, key: str) -> timedelta | None:
    said = route.inherited(key)
    return _DEFAULTS[key] if said is None else duration.parse(str(said))


def _is_dead_man(value: Mapping[str, object]) -> bool:
    """An alert that says that alerting works is meant to come all the time."""
    return says_alive(str(value))


RULE = Rule(
    Configuration,
    check,
    {"C054": Level.NOTE},
    peers=("amlint repeat-before-group", "amlint wait-exceeds-interval"),
    advice=frozenset(("C054",)),
)
