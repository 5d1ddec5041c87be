"""Joins our configuration to the user's own: his parts stay, ours are appended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.problem import Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys, Origin

LISTS = ("templates", "inhibit_rules", "time_intervals", "receivers")
INHERITED = ("group_by", "group_wait", "group_interval", "repeat_interval")
NAMED = {"receiver": ("receivers",), "time interval": ("time_intervals", "mute_time_intervals")}


def join(
    base: str, at: Origin, ours: Mapping[str, Any], origins: Mapping[Keys, Origin]
) -> tuple[dict[str, Any], dict[Keys, Origin]]:
    """The joined configuration and its origins. His root route, its receiver and settings, and `global:` stay his;
    our routes come after his. Raises `Rejected` where his file does not read, or names what we name."""
    theirs = read(base, at)
    if problems := list(_clashes(theirs, ours, at)):
        raise Rejected(problems)
    shift = {key: len(theirs.get(key) or ()) for key in LISTS}
    first = len(theirs["route"].get("routes") or ())
    out = {**theirs, "route": _root(theirs["route"], ours["route"])}
    out.update((key, [*(theirs.get(key) or ()), *ours[key]]) for key in LISTS if key in ours)
    return out, {(): at, **{_shifted(keys, shift, first): origin for keys, origin in origins.items() if keys}}


def read(text: str, at: Origin) -> dict[str, Any]:
    """A file of the user's own as a value with a root route; `Rejected` where it is none."""
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from the safe loader
    except yaml.YAMLError as error:
        raise Rejected([_problem(at, f"not YAML: {' '.join(str(error).split())}")]) from error
    if not isinstance(value, dict) or not isinstance(value.get("route"), dict):
        raise Rejected([_problem(at, "it has no `route:`: add a root route with a receiver, which ours can join")])
    odd = [key for key in LISTS if not isinstance(value.get(key) or [], list)]
    if not isinstance(value["route"].get("routes") or [], list):
        odd.append("route.routes")
    if odd:
        raise Rejected([_problem(at, f"`{key}` is no list") for key in odd])
    return value


class _Loader(yaml.SafeLoader):
    """Scalars as Go's YAML reads them: `09:00` is a time and no number in base 60, a date is a string."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("bool", "null", "merge")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+\.[0-9]*\Z"), list("-+0123456789"))


def _clashes(theirs: Mapping[str, Any], ours: Mapping[str, Any], at: Origin) -> Iterator[Problem]:
    for what, places in NAMED.items():
        taken = {entry.get("name") for key in places for entry in theirs.get(key) or () if isinstance(entry, dict)}
        for entry in ours.get(places[0], ()):
            if entry["name"] in taken:
                yield _problem(at, f"{what} {entry['name']!r} is also made by llmmon: rename it here")


def _root(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Our routes say for themselves what they would inherit from our own root."""
    said = {key: ours[key] for key in INHERITED}
    routes = ({**said, **route} for route in ours["routes"])
    ordered = ({**{key: route[key] for key in ("receiver", "matchers")}, **route} for route in routes)
    return {**theirs, "routes": [*(theirs.get("routes") or ()), *ordered]}


def _shifted(keys: Keys, shift: Mapping[str, int], first: int) -> Keys:
    match keys:
        case ("route", "routes", int(index), *rest):
            return ("route", "routes", index + first, *rest)
        case (str(key), int(index), *rest):
            return (key, index + shift[key], *rest)
    return keys


def _problem(at: Origin, message: str) -> Problem:
    return Problem(at, f"the Alertmanager configuration to join: {message}", "alertmanager-base")
