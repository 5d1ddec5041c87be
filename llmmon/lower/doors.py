"""Who gets in from outside, and whether somebody asks them who they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmmon.plan import deploy as plan
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.plan import Fleet
    from llmmon.problem import Origin
    from llmmon.spec import deploy as spec

DOORS = {"grafana": 3000, "prometheus": 9090, "alertmanager": 9093, "jaeger": 16686}
SERVICES = {"jaeger": "jaeger-query"}
UNGUARDED = frozenset({"grafana"})  # asks people to log in itself


def lower_access(written: spec.Deploy, fleet: Fleet, origin: Origin) -> tuple[plan.Access | None, list[Problem]]:
    """Every door, and what is wrong with it; None where nothing is reached from outside."""
    said = written.access
    if said is None:
        return None, []
    doors, problems = [], list[Problem]()
    for index, name in enumerate(said.open):
        here = origin.at("open", index)
        if not getattr(written, name):
            message = f"{name} is not deployed, so nobody can be let in to it: write `{name}:` under deploy"
            problems.append(Problem(here, message, "deploy-door"))
        if name not in UNGUARDED and not said.login:
            message = f"{name} asks nobody who he is, so it would be open to everybody: write login: with an "
            message += f"extension provider of Istio, or leave {name} out of open"
            problems.append(Problem(here, message, "deploy-unguarded"))
        service = SERVICES.get(name, name)
        if name == "prometheus" and fleet.servers and fleet.servers.receiver:
            service = "prometheus-receiver"
        guarded = name not in UNGUARDED
        doors.append(plan.Door(name, f"{name}.{said.domain}", service, written.namespace, DOORS[name], guarded))
    for other, address in said.beside.items():
        where, _, port = address.rpartition(":")
        service, *namespace = where.split(".")
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", service) or not port.isdecimal():
            message = f"{address!r} is no address of a Service: write name.namespace:port"
            problems.append(Problem(origin.at("beside", other), message, "deploy-door"))
            continue
        if other in said.open:
            problems.append(Problem(origin.at("beside", other), f"{other} is in open as well: keep one", "deploy-door"))
            continue
        home = namespace[0] if namespace else written.namespace
        doors.append(plan.Door(other, f"{other}.{said.domain}", service, home, int(port), False))
    problems += _links(doors, fleet, origin)
    gateway = said.gateway
    return plan.Access(tuple(doors), said.tls, said.login, gateway.namespace, gateway.selector, origin), problems


def _links(doors: Iterable[plan.Door], fleet: Fleet, origin: Origin) -> Iterator[Problem]:
    """Alerts link to dashboards, which have to be where Grafana is."""
    linked = urlsplit(fleet.dashboards)
    for door in doors:
        if door.name == "grafana" and (linked.scheme, linked.hostname) != ("https", door.host):
            message = f"alerts link to dashboards at {linked.scheme}://{linked.hostname}, and Grafana is at "
            message += f"https://{door.host}: write dashboards: https://{door.host}/d/{{uid}}"
            yield Problem(origin.at("domain"), message, "deploy-links", Level.WARNING)
