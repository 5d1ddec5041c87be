"""What there is to explain: every alert of the fleet, and the plan of the one service that was asked for."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from llmmon import pipeline
from llmmon.classes import frozen
from llmmon.problem import Level, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from llmmon.load import LoadedService
    from llmmon.plan import Alert, Facts, Fleet, Service
    from llmmon.problem import Origin


@frozen
class Known:
    """The fleet with the facts of all its alerts; `service` is None where there is none of the name asked for."""

    fleet: Fleet
    facts: tuple[Facts, ...]
    service: Service | None
    services: tuple[str, ...]
    off: Mapping[str, tuple[str, Origin]]  # `service/Alert` -> why it is switched off, and where

    @property
    def references(self) -> list[str]:
        """Every `service/Alert`, each once."""
        named = (f"{alert.labels['service']}/{alert.labels['alertname']}" for alert in self.facts)
        return sorted({*named, *self.off})

    def fact(self, alert: Alert) -> Facts:
        """What routing and inhibition know of an alert of this fleet."""
        place = (alert.labels["service"], alert.labels["environment"], alert.id)
        return next(f for f in self.facts if (f.labels["service"], f.labels["environment"], f.id) == place)


def read(inputs: Sequence[Path], service: str) -> Known:
    """Lowers every service, for the alerts of one may mute those of another. Rejected where the specs have errors."""
    specs = pipeline.read(inputs)
    fleet, problems = pipeline.planned(specs)
    facts: list[Facts] = []
    asked = None
    for lowered in pipeline.lowered(specs, fleet, problems):
        facts += pipeline.facts(lowered)
        asked = lowered if lowered.name == service else asked
    if any(problem.level is Level.ERROR for problem in problems):
        raise Rejected(problems)
    off = {key: value for loaded in specs.services for key, value in _off(loaded)}
    return Known(fleet, tuple(facts), asked, tuple(loaded.name for loaded in specs.services), off)


def alerts(known: Known, reference: str) -> dict[str, tuple[Alert, ...]]:
    """The rules that `service/Alert` or `service/Alert@variant` means, by environment; ValueError where none is."""
    wanted = reference.partition("/")[2]
    found = {
        rules.environment: tuple(alert for alert in rules.alerts if wanted in (alert.name, alert.id))
        for rules in (known.service.rules if known.service else ())
    }
    if not any(found.values()):
        raise ValueError(_unknown(known, reference))
    return {environment: many for environment, many in found.items() if many}


def hint(word: str, names: Iterable[str], otherwise: str) -> str:
    """The nearest of the names, else all of them."""
    near = difflib.get_close_matches(word, list(names), 1, 0.6)
    return f"did you mean {near[0]!r}?" if near else f"{otherwise} {', '.join(names)}"


def _off(loaded: LoadedService) -> Iterable[tuple[str, tuple[str, Origin]]]:
    for name, alert in loaded.spec.alerts.items():
        if alert.off:
            until = f", until {alert.until}" if alert.until else ""
            yield f"{loaded.name}/{name}", (f"{alert.off}{until}", loaded.origin("alerts", name))


def _unknown(known: Known, reference: str) -> str:
    """With the nearest name there is: in its own service, then the same name in another one, then of all."""
    service, slash, name = reference.partition("@")[0].partition("/")
    what, name = ("alert", name) if slash else ("service", service)
    near = _near(name, [other for other in known.references if other.startswith(f"{service}/")])
    near = near or [other for other in known.references if other.partition("/")[2].lower() == name.lower()]
    if not near and known.service is None:
        near = difflib.get_close_matches(reference, [*known.services, *known.references], 1, 0.6)
    if near:
        return f"unknown {what} {reference!r}: did you mean {near[0]!r}?"
    if known.service:
        return f"unknown alert {reference!r}: `llmmon explain {service}` lists those of {service}"
    return f"unknown {what} {reference!r}: the services are {', '.join(sorted(known.services)) or 'none'}"


def _near(name: str, references: Iterable[str]) -> list[str]:
    names = {reference.partition("/")[2].lower(): reference for reference in references}
    return [names[near] for near in difflib.get_close_matches(name.lower(), names, 1, 0.6)]
