"""A route that no alert takes.

A route on a severity or a category that no alert of the run has is dead: what was meant for it goes where the root
route leads. A route on a category behind one on the severity alone, without `continue`, never sees what that one took.

Bad:

    route:
      receiver: a
      routes: [{matchers: [category="costs"], receiver: b}]
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes:
        - {matchers: [severity="critical"], receiver: a}
        - {matchers: [category="cost"], receiver: b}
    receivers: [{name: a}, {name: b}]

Good:

    route:
      receiver: a
      routes:
        - {matchers: [severity="critical"], receiver: a, continue: true}
        - {matchers: [category="cost"], receiver: b}
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes:
        - {matchers: [severity="critical"], receiver: a}
        - {matchers: [severity="warning"], receiver: b}
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes: [{matchers: [department="costs"], receiver: b}]
    receivers: [{name: a}, {name: b}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration, Route
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_OURS = ("category", "severity")  # labels whose every value is known
_OWNERS = frozenset(("category", "team"))


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    for route in configuration.routes[1:]:
        yield from _unmatched(route, facts)
        yield from _shadowed(route, configuration)


def _unmatched(route: Route, facts: Facts) -> Iterator[Finding]:
    for matcher in route.matchers:
        if matcher.op != "=" or matcher.label not in _OURS or facts.alerts is None:
            continue
        values = [alert[matcher.label] for alert in facts.alerts if matcher.label in alert]
        known = {value for found in values if found for value in found}
        if known and None not in values and matcher.value not in known:
            message = (
                f"no alert has {matcher.label}={matcher.value!r}, so this route is dead: "
                f"write one of {', '.join(sorted(known))}"
            )
            yield Finding("N007", message, origin=route.origin)
            return


def _shadowed(route: Route, configuration: Configuration) -> Iterator[Finding]:
    labels = {matcher.label for matcher in route.matchers}
    if not labels or not labels <= _OWNERS:
        return
    for other in configuration.routes[1:]:
        if other is route:
            return
        same_level = len(other.above) == len(route.above) and other.above[-1] is route.above[-1]
        if same_level and not other.value.get("continue") and {m.label for m in other.matchers} == {"severity"}:
            taken = other.matchers[0].value
            message = (
                f"what has the severity {taken} never comes here: the route at {other.origin} takes it; "
                "write continue: true there, or put this one first"
            )
            yield Finding("N003", message, origin=route.origin, related=(other.origin,))
            return


RULE = Rule(
    Configuration,
    check,
    {"N003": Level.WARNING, "N007": Level.WARNING},
    peers=("amlint unreachable-route", "amlint route-always-muted"),
)
