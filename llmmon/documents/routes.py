"""Alertmanager configurations: YAML becomes routes, receivers and inhibitions with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Origin

_MATCHER = re.compile(r"\s*\"?(?P<label>[A-Za-z_][\w.]*)\"?\s*(?P<op>=~|!~|!=|=)\s*(?P<value>.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label, in the old or the new notation."""

    label: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """A route; `above` are the routes that lead to it, the root first."""

    value: Mapping[str, Any]
    origin: Origin
    above: tuple[Route, ...]
    matchers: tuple[Matcher, ...]

    def inherited(self, key: str) -> Any:
        """What the route says, or the nearest above it."""
        return next((route.value[key] for route in (self, *reversed(self.above)) if key in route.value), None)


@dataclass(frozen=True, slots=True)
class Integration:
    """One way of a receiver to tell somebody: `kind` is its key, such as `slack_configs`."""

    receiver: str
    kind: str
    value: Mapping[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Inhibition:
    """An inhibition rule."""

    value: Mapping[str, Any]
    origin: Origin
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole Alertmanager file."""

    value: Mapping[str, Any]
    origin: Origin
    routes: tuple[Route, ...]
    receivers: Mapping[str, Origin]
    integrations: tuple[Integration, ...]
    inhibitions: tuple[Inhibition, ...]


def is_configuration(value: object) -> bool:
    """Whether a document is an Alertmanager configuration, or a part of one."""
    if not isinstance(value, dict) or "apiVersion" in value:
        return False
    lists = ("receivers", "inhibit_rules", "time_intervals", "mute_time_intervals")
    return isinstance(value.get("route"), dict) or any(isinstance(value.get(key), list) for key in lists)


def read(value: Mapping[str, Any], origin: Origin) -> Configuration:
    """The parts of a configuration; what has not the form of such a part is passed over."""
    receivers = {str(entry.get("name")): at for entry, at in _maps(value.get("receivers"), origin.at("receivers"))}
    return Configuration(
        value,
        origin,
        tuple(_routes(value.get("route"), origin.at("route"), ())),
        receivers,
        tuple(_integrations(value, origin)),
        tuple(
            Inhibition(rule, at, _matchers(rule, "source_"), _matchers(rule, "target_"))
            for rule, at in _maps(value.get("inhibit_rules"), origin.at("inhibit_rules"))
        ),
    )


def texts(value: object, origin: Origin) -> Iterator[tuple[str, Origin]]:
    """Every text in a value, and where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, origin.at(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, origin.at(index))
    elif isinstance(value, str):
        yield value, origin


def _routes(value: object, origin: Origin, above: tuple[Route, ...]) -> Iterator[Route]:
    if not isinstance(value, dict):
        return
    route = Route(value, origin, above, _matchers(value))
    yield route
    for inner, at in _maps(value.get("routes"), origin.at("routes")):
        yield from _routes(inner, at, (*above, route))


def _integrations(value: Mapping[str, Any], origin: Origin) -> Iterator[Integration]:
    for entry, at in _maps(value.get("receivers"), origin.at("receivers")):
        for key, ways in entry.items():
            if key.endswith("_configs"):
                for way, here in _maps(ways, at.at(key)):
                    yield Integration(str(entry.get("name")), key, way, here)


def _matchers(value: Mapping[str, Any], prefix: str = "") -> tuple[Matcher, ...]:
    out = []
    for key, op in (("match", "="), ("match_re", "=~")):
        said = value.get(f"{prefix}{key}")
        if isinstance(said, dict):
            out += [Matcher(label, op, str(text)) for label, text in said.items()]
    said = value.get(f"{prefix}matchers")
    for text in said if isinstance(said, list) else [said] if isinstance(said, str) else []:
        if found := _MATCHER.fullmatch(str(text)):
            out.append(Matcher(found["label"], found["op"], found["value"].strip("\"'")))
    return tuple(out)


def _maps(value: object, origin: Origin) -> Iterator[tuple[dict[str, Any], Origin]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield item, origin.at(index)
