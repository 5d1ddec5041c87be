"""Routes that say something twice, or that continue to nothing.

Two routes with the same matchers below one another are one that was copied: the second never sees an alert, or tells
the same people twice. `continue: true` on the last route has nothing to continue to. A tree of many levels is read
by nobody.

Bad:

    route:
      receiver: a
      routes: [{matchers: [team="ml"], receiver: b}, {matchers: [team="ml"], receiver: c}]
    receivers: [{name: a}, {name: b}, {name: c}]

    route:
      receiver: a
      routes: [{matchers: [team="ml"], receiver: b, continue: true}]
    receivers: [{name: a}, {name: b}]

Good:

    route:
      receiver: a
      routes: [{matchers: [team="ml"], receiver: b, continue: true}, {matchers: [team="ml"], receiver: c}]
    receivers: [{name: a}, {name: b}, {name: c}]

    route:
      receiver: a
      routes: [{matchers: [team="ml"], receiver: b}, {matchers: [team="db"], receiver: c}]
    receivers: [{name: a}, {name: b}, {name: c}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.alertmanager.matchers import Matcher
    from llmmon.documents.routes import Route
    from llmmon.problem import Keys
    from llmmon.rule import Facts

_DEEP = 6
_COMPARED = 20


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    last: dict[Keys, Route] = {}
    alike: dict[tuple[Keys, frozenset[Matcher]], list[Route]] = {}
    for route, _ in configuration.siblings():
        place = route.above[-1].origin.keys
        last[place] = route
        before = alike.setdefault((place, frozenset(route.matchers)), [])
        same = next((other for other in before[:_COMPARED] if _same(route, other)), None)
        before.append(route)
        if same:
            message = f"these are the matchers of the route at {same.origin}: make one of the two"
            yield Finding("N002", message, origin=route.origin, related=(same.origin,))
        if len(route.above) == _DEEP:
            yield Finding("N006", f"{_DEEP} levels of routes are hard to follow: make fewer", origin=route.origin)
    for route in last.values():
        if route.value.get("continue") is True:
            message = "no route comes after this one to continue to: remove this, or add the route that was meant"
            yield Finding("N005", message, origin=route.origin.at("continue"), edits=(Edit(None),), safe=True)


def _same(route: Route, other: Route) -> bool:
    """Whether the second of two routes on the same alerts never sees one, or tells the same people the same."""
    if not route.matchers or not (route.readable and other.readable):
        return False
    return other.value.get("continue") is not True or {**route.value, "continue": True} == dict(other.value)


RULE = Rule(
    Configuration,
    check,
    {"N002": Level.WARNING, "N005": Level.NOTE, "N006": Level.NOTE},
    peers=("amlint route-match-collision", "amlint useless-continue", "amlint deep-nesting"),
    advice=frozenset(("N002", "N005", "N006")),
)
