"""Backups: when each is made, what it needs, and whether an alert tells when one is late."""

from __future__ import annotations

import difflib
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.plan import deploy as plan
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.load import LoadedService
    from llmmon.plan.server import Servers
    from llmmon.problem import Origin
    from llmmon.spec import deploy as spec

OWN = ("prometheus", "grafana")  # what is saved otherwise than by copying a volume
_DAY = timedelta(days=1)


def lower_backups(
    written: spec.Deploy, services: Sequence[LoadedService], servers: Servers | None, origin: Origin
) -> tuple[tuple[plan.Backup, ...], list[Problem]]:
    """Every backup, and what is wrong with them."""
    if written.backups is None:
        return (), []
    problems, out = list[Problem](), []
    agents = servers is not None and all(server.agent for server in servers.every)
    for name, said in written.backups.of.items():
        here = origin.at("backups", "of", name)
        problems += _lacks(name, said, written, agents, here)
        every = duration.parse(said.every) or _DAY
        problems += _unwatched(name, every, services, here)
        out.append(
            plan.Backup(
                name=name,
                kind=name if name in OWN else "volume",  # type: ignore[arg-type]
                schedule=schedule(every, said.at),
                every=every,
                keep=said.keep,
                namespace=said.namespace or written.namespace,
                volume=said.volume,
                folder=said.folder,
                user=said.user,
                origin=here,
            )
        )
    return tuple(out), problems


def schedule(every: timedelta, at: str) -> str:
    """A cron that runs at this time of day and, more often than daily, every so many hours counted from it."""
    hour, minute = (int(part) for part in at.split(":"))
    hours = every // timedelta(hours=1)
    if hours < 24:
        return f"{minute} {hour % hours}-23/{hours} * * *" if hour % hours else f"{minute} */{hours} * * *"
    return f"{minute} {hour} * * {'0' if hours > 24 else '*'}"


def _lacks(name: str, said: spec.Backup, written: spec.Deploy, agents: bool, here: Origin) -> Iterator[Problem]:
    if name in OWN and (said.volume or said.folder or said.namespace):
        message = f"{name} is saved in its own way, not as a volume: remove volume, folder and namespace"
        yield Problem(here, message, "backup-what")
    if name == "prometheus" and not written.prometheus:
        yield Problem(here, "prometheus is not deployed, so there is nothing to save: remove this", "backup-what")
    if name == "prometheus" and agents:
        yield Problem(here, "an agent keeps no samples, so there is nothing to save: remove this", "backup-what")
    if name == "grafana" and not (written.grafana and written.grafana.database):
        message = "Grafana has no database of its own to save: write grafana: {database: ...}, or remove this"
        yield Problem(here, message, "backup-what")
    if name not in OWN and not said.volume:
        near = difflib.get_close_matches(name, OWN, 1)
        hint = f"did you mean {near[0]!r}?" if near else "write volume: with the claim that holds it"
        yield Problem(here, f"{name} names nothing that could be saved: {hint}", "backup-what")


def _unwatched(name: str, every: timedelta, services: Sequence[LoadedService], here: Origin) -> Iterator[Problem]:
    """A backup that nobody misses is the one that is not there when it is needed."""
    ages = list(_alerts(name, services))
    if not ages:
        message = f"no alert tells when the backup of {name} is late: write a signal {{age: "
        message += f'\'{plan.FRESH}{{job="{plan.PUSHED}",target="{name}"}}\'}} and an alert {{stale: '
        message += f"{duration.text(2 * every)}}} on it"
        yield Problem(here, message, "backup-unwatched", Level.WARNING)
    for origin, stale in ages:
        if stale <= every:
            message = f"the backup of {name} is made every {duration.text(every)}, so its age of "
            message += f"{duration.text(stale)} is no lateness: write stale: {duration.text(2 * every)}"
            yield Problem(origin, message, "backup-never-fresh", related=(here,))


def _alerts(name: str, services: Sequence[LoadedService]) -> Iterator[tuple[Origin, timedelta]]:
    """Every alert on the age of this backup, and the age."""
    for loaded in services:
        signals = {key for key, signal in loaded.spec.signals.items() if _is_age(getattr(signal, "age", None), name)}
        for key, alert in loaded.spec.alerts.items():
            if alert.signal in signals and alert.stale is not None and not alert.off:
                yield loaded.origin("alerts", key), alert.stale


def _is_age(expression: object, name: str) -> bool:
    try:
        nodes = list(promql.walk(promql.parse(str(expression)))) if expression else []
    except promql.PromqlError:
        return False  # which is said where it is written
    return any(
        isinstance(node, promql.Selector)
        and node.name == plan.FRESH
        and any(match.label == "target" and match.op == "=" and match.value == name for match in node.matchers)
        and all(match.value == plan.PUSHED for match in node.matchers if match.label == "job" and match.op == "=")
        for node in nodes
    )
