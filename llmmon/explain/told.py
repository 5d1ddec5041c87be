"""Who is told at a moment, by which route, and until when a time interval mutes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from llmmon import duration, routing
from llmmon.lower.intervals import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from llmmon.plan import Fleet
    from llmmon.routing import Delivery, Route

_MINUTE = timedelta(minutes=1)
_SEARCH = 15 * 24 * 60  # minutes; a clock change can skip an hour of one week, never of two in a row


def told(fleet: Fleet, labels: Mapping[str, str], at: datetime) -> list[str]:
    """The receivers in the order of their routes, what each of them does, how often, and when it is mute."""
    tree = routing.routes(fleet)
    known = {name: found for name, found, _ in routing.receivers(fleet)}
    out = []
    for delivery in routing.deliver(tree, labels, at):
        defaults = fleet.defaults
        channels = ", ".join(routing.channel(receiver, defaults) for receiver in known[delivery.receiver])
        out.append(f"{delivery.receiver}: {channels}")
        out += (f"  {line}" for line in _how(tree, delivery, labels, at))
    if fleet.base is not None:
        out.append("the routes of the configuration that ours join come first: one of them may take it before")
    return out


def clock(at: datetime, zone: str | None = None) -> str:
    """`Sat 2026-11-21 03:00 Europe/Berlin`; without a zone's name the offset of the moment itself."""
    local = at.astimezone(ZoneInfo(zone)) if zone else at
    return f"{DAYS[local.weekday()].title()} {local:%Y-%m-%d %H:%M} {zone or at.tzname()}"


def _how(tree: Route, delivery: Delivery, labels: Mapping[str, str], at: datetime) -> Iterator[str]:
    path = _path(tree, delivery.route)
    matchers = [str(matcher) for route in path for matcher in route.matchers]
    repeat = next(route.repeat for route in reversed(path) if route.repeat is not None)
    yield f"by {' '.join(matchers) or 'no route but the root'}; again every {duration.text(repeat)} while it fires"
    if (active := delivery.route.active) is not None:
        yield f"notifies only {active.text}"
    if (quiet := delivery.route.quiet) is not None:
        yield f"is quiet {quiet.text}"
    if interval := active or quiet:
        change = _change(delivery, labels, at)
        when = clock(change, interval.location) if change else ""
        if delivery.muted:
            yield f"MUTED at this moment; tells from {when}, if it still fires" if change else "MUTED at every moment"
        else:
            yield f"tells at this moment; muted from {when}" if change else "tells at every moment"


def _change(delivery: Delivery, labels: Mapping[str, str], at: datetime) -> datetime | None:
    """The first minute after the moment in which the route is mute and was not, or the other way round."""
    start = at.replace(second=0, microsecond=0)
    for minutes in range(1, _SEARCH):
        then = start + minutes * _MINUTE
        if any(found.muted is not delivery.muted for found in routing.deliver(delivery.route, labels, then)):
            return then
    return None


def _path(tree: Route, route: Route) -> tuple[Route, ...]:
    """The routes from the root to this one."""
    if tree is route:
        return (tree,)
    below = (_path(child, route) for child in tree.routes)
    return next(((tree, *found) for found in below if found), ())
