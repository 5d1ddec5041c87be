"""What `docker-compose.yml` starts on a laptop, on which ports, and what is scraped there."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from llmmon.plan import deploy as plan
from llmmon.plan.backend import Mimir, Thanos
from llmmon.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.load import LoadedService
    from llmmon.plan import Fleet
    from llmmon.problem import Origin
    from llmmon.spec import deploy as spec

PORTS = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000, "jaeger": 16686, "otlp": 4317}
SCRAPED = {"prometheus": "localhost:9090", "alertmanager": "alertmanager:9093", "jaeger": "jaeger:8888"}
HOST = "host.docker.internal"


def lower_laptop(
    written: spec.Deploy, services: Sequence[LoadedService], fleet: Fleet, origin: Origin
) -> tuple[plan.Laptop | None, list[Problem]]:
    """What is started, and what is wrong with it; None where nothing is asked for."""
    said = written.compose
    if said is None:
        return None, []
    there = [key for key in ("prometheus", "alertmanager", "grafana") if getattr(written, key)]
    there += ["jaeger", "otlp"] if fleet.tracing and written.jaeger else []
    ports = {name: said.ports.get(name, PORTS[name]) for name in there}
    problems = [*_unknown(said.ports, there, origin.at("ports"), "part"), *_shared(said, ports, origin)]
    if isinstance(fleet.backend, Mimir | Thanos):
        message = "a laptop runs one Prometheus that does everything, and this fleet's files are for several and for "
        message += "what stands behind them: remove compose, or backend"
        problems.append(Problem(origin, message, "deploy-laptop"))
    names = [loaded.name for loaded in services]
    problems += _unknown(said.services, names, origin.at("services"), "service")
    environment = fleet.environments[0]
    seen = tuple(
        plan.Seen(
            service=loaded.name,
            target=target,
            path=loaded.spec.scrape.path if loaded.spec.scrape else "/metrics",
            labels={**loaded.spec.selector, **environment.selector},
        )
        for loaded in sorted(services, key=lambda one: one.name)
        if (target := _target(loaded, said, there))
    )
    return plan.Laptop(ports, environment.name, seen), problems


def _target(loaded: LoadedService, said: spec.Compose, there: Sequence[str]) -> str | None:
    """Where a service answers: beside the stack on this machine, or as a part of the stack."""
    if loaded.name in said.services:
        return f"{HOST}:{said.services[loaded.name]}"
    name = loaded.spec.workload.name if loaded.spec.workload else ""
    return SCRAPED[name] if name in SCRAPED and name in there else None


def _unknown(said: Mapping[str, int], known: Sequence[str], origin: Origin, what: str) -> Iterator[Problem]:
    for name in said:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            yield Problem(origin.at(name), f"there is no {what} {name!r} on the laptop: {hint}", "deploy-laptop")


def _shared(said: spec.Compose, ports: Mapping[str, int], origin: Origin) -> Iterator[Problem]:
    """Two that want one port of the machine."""
    taken: dict[int, str] = {}
    for name, port in (*ports.items(), *said.services.items()):
        other = taken.setdefault(port, name)
        if other != name:
            keys = ("services", name) if name in said.services else ("ports", name if name in said.ports else other)
            message = f"{other} and {name} are both on port {port} of the laptop: give one of them another"
            yield Problem(origin.at(*keys), message, "deploy-port")
