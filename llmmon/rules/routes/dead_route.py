"""A route that no alert takes.

A route behind one that takes everything it would take, and does not continue, is dead: what was meant for it goes
elsewhere, and nobody is told. So is one that asks for what the routes above it exclude, or for a label value that no
alert of the run has, where one has nearly the same. A route on a category behind one on the severity alone never sees
what that one took, which is a note where that is an alert of the run. Where some alert has each of the values and none
has all of them, an alert may come that does: that is a note.

Bad:

    route:
      receiver: a
      routes: [{receiver: b}, {matchers: [team="ml"], receiver: c}]
    receivers: [{name: a}, {name: b}, {name: c}]

    route:
      receiver: a
      routes:
        - {matchers: [service=~"api|web"], receiver: a}
        - {matchers: [service="web", team="ml"], receiver: b}
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes:
        - matchers: [team="ml"]
          routes: [{matchers: [team=~"db|web"], receiver: b}]
    receivers: [{name: a}, {name: b}]

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
      routes: [{receiver: b, continue: true}, {matchers: [team="ml"], receiver: c}]
    receivers: [{name: a}, {name: b}, {name: c}]

    route:
      receiver: a
      routes:
        - {matchers: [service="web", team="ml"], receiver: b}
        - {matchers: [service=~"api|web"], receiver: a}
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes:
        - matchers: [team=~"ml|db"]
          routes: [{matchers: [team=~"db|web"], receiver: b}]
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes:
        - {matchers: [severity="critical"], receiver: a, continue: true}
        - {matchers: [category="cost"], receiver: b}
    receivers: [{name: a}, {name: b}]

    route:
      receiver: a
      routes: [{matchers: [department="costs"], receiver: b}]
    receivers: [{name: a}, {name: b}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.alertmanager.matchers import Matcher
from llmmon.documents.routes import Configuration, Route
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.reach import covers, possible, takes
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from llmmon.problem import Keys
    from llmmon.rule import Facts

_FEW = 10
_OWNERS = frozenset(("category", "team"))
_EARLIER = 50  # routes of a kind before one that are compared with it


class _Before:
    """The routes before one below the same route that take alerts away, by something that they ask for."""

    def __init__(self) -> None:
        self.by: dict[Matcher, list[Route]] = {}
        self.others: list[Route] = []  # without a value that they ask for
        self.said: set[int] = set()  # of those on the severity alone, of which one example is enough

    def add(self, route: Route) -> None:
        if route.value.get("continue") is not True and route.readable:
            key = next((matcher for matcher in route.matchers if matcher.op == "=" and matcher.value), None)
            (self.by.setdefault(key, []) if key else self.others).append(route)

    def candidates(self, wanted: Sequence[Matcher]) -> Iterator[Route]:
        """Those that could take everything that this one wants; of many the last ones."""
        for matcher in wanted:
            yield from self.by.get(matcher, ())[-_EARLIER:]
        yield from self.others[-_EARLIER:]

    def of_severity(self) -> Iterator[Route]:
        """Those on the severity alone."""
        every = (routes for key, routes in self.by.items() if key.label == "severity")
        yield from (route for routes in every for route in routes if len(route.matchers) == 1)


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    if configuration.is_strange:
        return
    dead: set[int] = set()
    asked = {matcher for route in configuration.routes for matcher in route.matchers}
    before: dict[Keys, _Before] = {}
    for route in configuration.routes[1:]:
        mine = before.setdefault(route.above[-1].origin.keys, _Before())
        told = any(id(above) in dead for above in route.above)
        if not told and (found := next(_dead(route, mine, facts, asked), None)):
            dead.add(id(route))
            yield found
        mine.add(route)


def _dead(route: Route, before: _Before, facts: Facts, asked: Collection[Matcher]) -> Iterator[Finding]:
    wanted = [matcher for part in (*route.above, route) for matcher in part.matchers]
    if not possible(wanted):
        yield _contradiction(route, wanted)
        return
    for other in before.candidates(wanted):
        if not other.matchers:
            message = f"the route at {other.origin} takes everything, so nothing comes here: put that one last"
            yield Finding("N001", message, origin=route.origin, related=(other.origin,))
        elif covers(other.matchers, wanted) and set(other.matchers) != set(route.matchers):
            message = (
                f"the route at {other.origin} takes all that this one would: put this one first, "
                "or write continue: true there"
            )
            yield Finding("N003", message, origin=route.origin, related=(other.origin,))
    labels = {matcher.label for matcher in route.matchers}
    for other in before.of_severity() if labels and labels <= _OWNERS else ():
        if id(other) in before.said or not _loses(other, route, wanted, facts):
            continue
        before.said.add(id(other))
        message = (
            f"what has the severity {other.matchers[0].value} never comes here: the route at {other.origin} takes "
            "it; write continue: true there, or put this one first"
        )
        related = (other.origin,)
        yield Finding("N003", message, origin=route.origin, related=related, level=Level.NOTE)  # which may be meant
    yield from _unmatched(route, wanted, facts, asked)


def _loses(other: Route, route: Route, wanted: Sequence[Matcher], facts: Facts) -> bool:
    """Whether an earlier route tells somebody else of an alert of the run that is certainly this one's as well; where
    nobody knows the alerts, of any."""
    if "routes" in other.value or other.inherited("receiver") == route.inherited("receiver"):
        return False
    both = [*other.matchers, *wanted]
    return facts.alerts is None or any(takes(both, alert) is True for alert in facts.alerts)


def _contradiction(route: Route, wanted: Sequence[Matcher]) -> Finding:
    own = set(route.matchers)
    mine = next((m for m in route.matchers if not possible([o for o in wanted if o.label == m.label])), None)
    label = mine.label if mine else ""
    above = [str(matcher) for matcher in wanted if matcher.label == label and matcher not in own]
    if above:
        return Finding("N004", f"no alert has {mine} and {above[0]}, which a route above asks for", origin=route.origin)
    here = " and ".join(str(matcher) for matcher in route.matchers if matcher.label == label)
    return Finding("N004", f"no alert has {here} at once: remove one", origin=route.origin)


def _unmatched(route: Route, wanted: Sequence[Matcher], facts: Facts, asked: Collection[Matcher]) -> Iterator[Finding]:
    alerts = facts.alerts or ()
    known = [
        matcher for matcher in wanted if any(matcher.label in alert for alert in alerts)
    ]  # others come from outside
    if not set(known) & set(route.matchers) or any(takes(known, alert) is not False for alert in alerts):
        return
    for matcher in (matcher for matcher in route.matchers if matcher in known):
        if any(takes([matcher], alert) is not False for alert in alerts):
            continue
        values = sorted({value for alert in alerts for value in alert.get(matcher.label) or ()})
        near = get_close_matches(matcher.value, values, 3)
        near = [value for value in near if Matcher(matcher.label, "=", value) not in asked]  # nor meant here
        if not near and (matcher.label == "alertname" or not facts.all_alerts):
            return  # of rules that are not in this run, as a dead man's switch often is
        near = near or values[:_FEW]
        hint = f"write one of {', '.join(near)}" if len(near) != 1 else f"did you mean {near[0]}?"
        shown = f"{matcher.label}={matcher.value!r}" if matcher.op == "=" else str(matcher)
        yield Finding("N007", f"no alert has {shown}, so this route is dead: {hint}", origin=route.origin)
        return
    if not any(matcher.label == "alertname" for matcher in known):
        message = "no alert has all these labels at once, so this route waits for one: remove it, unless one may come"
        yield Finding("N007", message, origin=route.origin, level=Level.NOTE)


RULE = Rule(
    Configuration,
    check,
    dict.fromkeys(("N001", "N003", "N004", "N007"), Level.WARNING),
    peers=("amlint unreachable-route", "amlint shadowed-route", "amlint route-unknown-alertname"),
    advice=frozenset(("N001", "N003", "N004", "N007")),
)
