"""A small fleet, its alerts, and its artifacts in a scratch folder."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from llmmon.lower.intervals import lower_interval
from llmmon.lower.receivers import lower_receiver
from llmmon.plan import Copy, Environment, Facts, Fleet, Interval, Receiver, Secret, Team
from llmmon.problem import Origin
from llmmon.source.document import Document
from llmmon.target import Written
from llmmon.targets.alertmanager import TARGET
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.problem import Problem, Unverified

SPEC = Document("specs/fleet.yaml", "fleet: acme\nteams:\n  finops: {}\n  ml: {}\ncopies: []\n")
ORIGIN = Origin(SPEC)
SEVERITIES: Mapping[Any, str] = {"critical": "critical", "warning": "warning", "info": "info"}


def receiver(version: tuple[int, ...] = (0, 25), **entry: object) -> Receiver:
    """A receiver that must be right: `receiver(slack="#chan")`."""
    ((kind, value),) = entry.items()
    found, problems = lower_receiver(kind, value, ORIGIN, version)
    assert found is not None, problems
    return found


def interval(text: str) -> Interval:
    """An interval that must be right."""
    found, problems = lower_interval(text, ORIGIN)
    assert found is not None, problems
    return found


def team(name: str, **said: Any) -> Team:
    """A team; `critical=`, `warning=`, `info=` are its receivers."""
    told = {severity: said[severity] for severity in SEVERITIES if severity in said}
    return Team(name, told, said.get("active", {}), said.get("quiet", {}), ORIGIN.at("teams", name))


FINOPS = team(
    "finops",
    critical=(receiver(pagerduty={"secret": "pagerduty/finops"}), receiver(slack="#critical")),
    warning=(receiver(slack="#cost"),),
    info=(receiver(email="finance@acme.example"),),
    active={"info": interval("weekdays 09:00-17:00 Europe/Berlin")},
)
ML = team("ml", critical=(receiver(opsgenie={"secret": "opsgenie/ml"}),), warning=(receiver(webhook="http://ml/x"),))


def fleet(**changes: Any) -> Fleet:
    """Two teams, finops with copies of what costs; changed as said."""
    said: dict[str, Any] = {
        "name": "acme",
        "versions": {"alertmanager": (0, 25)},
        "scrape_interval": timedelta(seconds=30),
        "runbooks": "",
        "dashboards": "",
        "severities": SEVERITIES,
        "environments": (Environment("production", {}, {}),),
        "teams": {"finops": FINOPS, "ml": ML},
        "copies": (copy("finops", category="cost"),),
        "catch_all": (receiver(slack="#alerts"),),
        "watchdog": (),
        "defaults": {
            "slack": {"secret": Secret("slack", "webhook")},
            "email": {"from": "alerts@acme.example", "smarthost": "mail.acme.example:587"},
        },
        "elasticsearch": {},
        "origin": ORIGIN,
        "services": {"chat": ("llama",), "llama": ()},
    }
    return Fleet(**{**said, **changes})


def copy(to: str, **when: str) -> Copy:
    """A copy to a team of what has these labels."""
    return Copy(when, to, ORIGIN.at("copies"))


def alert(name: str, severity: str = "critical", carries: Sequence[str] = (), **labels: str) -> Facts:
    """An alert of chat, team ml, production, unless said otherwise."""
    said = {"service": "chat", "team": "ml", "environment": "production", "category": "errors", **labels}
    facts = {"alertname": name, "severity": severity, **said}
    return Facts(f"{name}@{severity}", facts, frozenset(carries), ORIGIN.at("alerts", name, severity))


def ladder(name: str, *carries: str, **labels: str) -> list[Facts]:
    """A critical and a warning alert of one name."""
    return [alert(name, severity, carries, **labels) for severity in ("critical", "warning")]


def emitted(of: Fleet, facts: Sequence[Facts], folder: Path) -> list[Written]:
    """The artifacts, written to the folder."""
    assert TARGET.of_fleet
    out = []
    for artifact in TARGET.of_fleet(of, facts):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
        out.append(Written(artifact.path, artifact.origins, artifact.owner))
    return out


def verified(
    of: Fleet, facts: Sequence[Facts], folder: Path, environ: Mapping[str, str] = os.environ
) -> Iterator[Problem | Unverified]:
    """What the target finds in its own artifacts."""
    assert TARGET.verify
    written = emitted(of, facts, folder)
    yield from TARGET.verify(of, facts, folder, written, Tools(folder, environ))
