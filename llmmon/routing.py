"""Who is told: the one decision that makes Alertmanager's routes, proves them, and answers `explain`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.lower.intervals import covers
from llmmon.plan.fleet import SEVERITIES, Fleet, Interval, Receiver, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from llmmon.problem import Origin

CATCH_ALL = "catch-all"
WATCHDOG = "watchdog"
WATCHDOG_ALERT = "Watchdog"
GROUP_BY = ("environment", "service", "alertname")
WAIT = timedelta(seconds=30)
GROUP_INTERVAL = timedelta(minutes=5)
REPEAT: Mapping[Severity | None, timedelta] = {
    "critical": timedelta(hours=1),
    "info": timedelta(hours=24),
    None: timedelta(hours=4),
}

_PLACES = ("channel", "to", "url", "project")  # the option that says where a receiver sends to


@frozen
class Matcher:
    """A label that has one of these values, or with `negative` none of them; a missing label is the empty value."""

    label: str
    values: tuple[str, ...]
    negative: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels satisfy it."""
        return (labels.get(self.label, "") in self.values) is not self.negative

    @property
    def operator_and_value(self) -> tuple[str, str]:
        """The operator, and its right side without quotes."""
        if len(self.values) == 1:
            return "!=" if self.negative else "=", self.values[0]
        return "!~" if self.negative else "=~", "|".join(map(_regexp, self.values))

    def __str__(self) -> str:
        """As Alertmanager reads it, its classic parser and its UTF-8 parser alike: the one place that escapes."""
        operator, value = self.operator_and_value
        return f"{self.label}{operator}{quoted(value)}"


@frozen
class Route:
    """A route as Alertmanager has them; None takes the parent's timing."""

    receiver: str
    origin: Origin
    matchers: tuple[Matcher, ...] = ()
    routes: tuple[Route, ...] = ()
    continues: bool = False
    wait: timedelta | None = None
    group_interval: timedelta | None = None
    repeat: timedelta | None = None
    active: Interval | None = None
    quiet: Interval | None = None


@frozen
class Delivery:
    """A receiver that gets the alert, by which route, and whether a time interval mutes it at that moment."""

    receiver: str
    route: Route
    muted: bool = False


def receiver_name(team: str, severity: Severity) -> str:
    """The name of what a team gets at a severity."""
    return f"{team}-{severity}"


def receivers(fleet: Fleet) -> Iterator[tuple[str, tuple[Receiver, ...], Origin]]:
    """Every receiver by name: the catch-all, the Watchdog's, then those of the teams."""
    yield CATCH_ALL, fleet.catch_all, fleet.origin
    if watched(fleet):
        yield WATCHDOG, fleet.watchdog, fleet.origin
    for team in fleet.teams.values():
        for severity in SEVERITIES:
            if found := team.receivers.get(severity):
                yield receiver_name(team.name, severity), found, team.origin


def channel(receiver: Receiver, defaults: Mapping[str, Mapping[str, object]]) -> str:
    """What a receiver is and where it sends to, such as `slack #alerts`; never a secret."""
    options = {**defaults.get(receiver.kind, {}), **receiver.options}
    return " ".join((receiver.kind, *(str(found) for name in _PLACES if isinstance(found := options.get(name), str))))


def promised(fleet: Fleet, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The receivers that the spec promises to an alert with these static labels: copies first, then its team's."""
    if labels.get("alertname") == WATCHDOG_ALERT and watched(fleet):
        return (WATCHDOG,)
    severity = _severity(fleet, labels.get("severity", ""))
    team = labels.get("team", "")
    copies = fleet.copies if team in fleet.teams else ()
    copied = {copy.to for copy in copies if copy.when.items() <= labels.items()} - {team}
    told = (_told(fleet, to, severity) for to in _copied_to(fleet) if to in copied)
    return (*filter(None, told), _told(fleet, team, severity) or CATCH_ALL)


def routes(fleet: Fleet) -> Route:
    """The tree: a root that catches all, the Watchdog, copies that continue, then teams and below them severities."""
    watchdog = (_watchdog(fleet),) if watched(fleet) else ()
    children = (*watchdog, *_copies(fleet), *(_team(fleet, name) for name in fleet.teams))
    return Route(CATCH_ALL, fleet.origin, (), children, False, WAIT, GROUP_INTERVAL, REPEAT[None])


def deliver(tree: Route, labels: Mapping[str, str], at: datetime | None = None) -> tuple[Delivery, ...]:
    """What Alertmanager does with an alert: the deepest matching routes, the first at each level unless it continues.

    Without a moment nothing is muted.
    """
    if not all(matcher.matches(labels) for matcher in tree.matchers):
        return ()
    out: list[Delivery] = []
    for route in tree.routes:
        found = deliver(route, labels, at)
        out += found
        if found and not route.continues:
            break
    return tuple(out) or (Delivery(tree.receiver, tree, at is not None and _muted(tree, at)),)


def watched(fleet: Fleet) -> bool:
    """Whether the Watchdog has a route of ours: a user's own file may already send another one somewhere."""
    return fleet.base is None or bool(fleet.watchdog)


def walk(tree: Route) -> Iterator[Route]:
    """The route and all routes below it."""
    yield tree
    for route in tree.routes:
        yield from walk(route)


def quoted(text: str) -> str:
    """A string between double quotes, for both of Alertmanager's parsers."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _regexp(text: str) -> str:
    """A literal for Go's regexp; Python's `re.escape` also escapes spaces, which Go refuses."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def _severity(fleet: Fleet, value: str) -> Severity | None:
    """The severity with this label value; the worst one, should two be written alike."""
    return next((severity for severity in SEVERITIES if fleet.severities[severity] == value), None)


def _told(fleet: Fleet, team: str, severity: Severity | None) -> str | None:
    found = fleet.teams.get(team)
    if found and severity and found.receivers.get(severity):
        return receiver_name(team, severity)
    return None


def _watchdog(fleet: Fleet) -> Route:
    minute = timedelta(minutes=1)
    matchers = (Matcher("alertname", (WATCHDOG_ALERT,)),)
    return Route(WATCHDOG, fleet.origin, matchers, (), False, timedelta(0), minute, GROUP_INTERVAL)


def _team(fleet: Fleet, name: str) -> Route:
    team = fleet.teams[name]
    children = tuple(_leaf(fleet, name, severity, (), team.origin) for severity in _told_severities(fleet, name))
    return Route(CATCH_ALL, team.origin, (Matcher("team", (name,)),), children)


def _told_severities(fleet: Fleet, team: str) -> list[Severity]:
    values = {fleet.severities[severity]: severity for severity in reversed(SEVERITIES)}
    return [severity for severity in SEVERITIES if severity in values.values() and _told(fleet, team, severity)]


def _leaf(
    fleet: Fleet, name: str, severity: Severity, more: tuple[Matcher, ...], origin: Origin, continues: bool = False
) -> Route:
    team = fleet.teams[name]
    level = Matcher("severity", (fleet.severities[severity],))
    return Route(
        receiver_name(name, severity),
        origin,
        more if level in more else (*more, level),
        continues=continues,
        repeat=REPEAT.get(severity),
        active=team.active.get(severity),
        quiet=team.quiet.get(severity),
    )


def _copies(fleet: Fleet) -> Iterator[Route]:
    """A team gets one copy of an alert, however many of its entries match, and none of its own alerts.

    Only alerts of the fleet's teams are copied: one that no later route takes would miss the catch-all.
    """
    for to in _copied_to(fleet):
        others = Matcher("team", tuple(name for name in fleet.teams if name != to))
        earlier: list[Mapping[str, str]] = []
        for copy in (copy for copy in fleet.copies if copy.to == to):
            for region in _outside(copy.when, others, earlier):
                for severity in _told_severities(fleet, to):
                    if _possible(region, "severity", fleet.severities[severity]):
                        yield _leaf(fleet, to, severity, region, copy.origin, continues=True)
            earlier.append(copy.when)


def _copied_to(fleet: Fleet) -> Iterable[str]:
    return dict.fromkeys(copy.to for copy in fleet.copies)


def _outside(
    when: Mapping[str, str], others: Matcher, earlier: Iterable[Mapping[str, str]]
) -> list[tuple[Matcher, ...]]:
    """Matchers, disjoint from each other, for alerts of `others` that have all of `when` but are none of `earlier`."""
    region = tuple(Matcher(label, (value,)) for label, value in when.items())
    if "team" not in when:
        region = (*region, others)
    elif when["team"] not in others.values:
        return []
    regions = [region] if others.values else []
    for other in earlier:
        regions = [piece for region in regions for piece in _subtract(region, other)]
    return regions


def _subtract(region: tuple[Matcher, ...], other: Mapping[str, str]) -> Iterator[tuple[Matcher, ...]]:
    for label, value in other.items():
        if not _possible(region, label, value):
            yield region
            return
        if Matcher(label, (value,)) not in region:
            yield (*region, Matcher(label, (value,), negative=True))
            region = (*region, Matcher(label, (value,)))


def _possible(region: Iterable[Matcher], label: str, value: str) -> bool:
    return all(matcher.matches({label: value}) for matcher in region if matcher.label == label)


def _muted(route: Route, at: datetime) -> bool:
    asleep = route.active is not None and not covers(route.active, at)
    return asleep or (route.quiet is not None and covers(route.quiet, at))
