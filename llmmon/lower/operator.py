"""Operator objects: how each service is scraped, and which kinds contradict each other or the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.plan.fleet import Secret
from llmmon.plan.operator import AlertmanagerObject, Operator, PrometheusObject, Scrape
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.load import LoadedFleet
    from llmmon.plan.fleet import Receiver, Team
    from llmmon.problem import Origin
    from llmmon.spec import operator as spec

# v1alpha1 of AlertmanagerConfig, as of prometheus-operator 0.93: what a receiver has no field for
WITHOUT_FIELD = ("incidentio", "jira")
_ZONES = ("UTC", "Etc/UTC")
_TWICE = {
    ("PodMonitor", "ServiceMonitor"): "each target would be scraped twice",
    ("PrometheusRule", "VMRule"): "the VictoriaMetrics operator turns each PrometheusRule into a VMRule of its own",
}


def lower_operator(
    loaded: LoadedFleet, teams: Mapping[str, Team], everyone: Iterable[Receiver], problems: list[Problem]
) -> Operator | None:
    """The section with every default taken; None where the fleet asks for nothing. `everyone` are the receivers
    that no team has."""
    written = loaded.spec.operator
    if written is None or not written.kinds:
        return None
    origin = loaded.origin("operator")
    scrape = _scrape(loaded, written.scrape, None, origin.at("scrape"))
    services = {
        name: _scrape(loaded, written.scrape, item, origin.at("services", name))
        for name, item in written.services.items()
    }
    problems += _contradictions(loaded, written, origin)
    problems += _late((scrape, *services.values()))
    if "AlertmanagerConfig" in written.kinds:
        problems += _unspeakable(loaded, teams, everyone)
    server, sender = written.prometheus, written.alertmanager
    return Operator(
        kinds=frozenset(written.kinds),
        namespace=written.namespace,
        labels={key: written.labels[key] for key in sorted(written.labels)},
        scrape=scrape,
        services=services,
        prometheus=PrometheusObject(
            server.replicas, server.retention, server.size, server.storage, server.service_account
        ),
        alertmanager=AlertmanagerObject(
            sender.replicas, sender.storage, sender.secret or f"{loaded.spec.fleet}-alertmanager"
        ),
        origin=origin,
        origins={kind: origin.at("kinds", index) for index, kind in enumerate(written.kinds)},
    )


def _scrape(
    loaded: LoadedFleet, shared: spec.OperatorScrape, own: spec.OperatorService | None, origin: Origin
) -> Scrape:
    said = own.model_dump(include=own.model_fields_set) if own else {}
    merged = {**shared.model_dump(), **said}
    name, _, key = (merged["bearer"] or "").partition("/")
    interval = merged["interval"] or loaded.spec.scrape_interval
    selector = {label: merged["selector"][label] for label in sorted(merged["selector"])}
    return Scrape(
        **{
            **merged,
            "interval": interval,
            "selector": selector,
            "bearer": Secret(name, key) if name else None,
            "origin": origin,
        }
    )


def _contradictions(loaded: LoadedFleet, written: spec.Operator, origin: Origin) -> Iterator[Problem]:
    for (one, other), why in _TWICE.items():
        if one in written.kinds and other in written.kinds:
            here = origin.at("kinds", written.kinds.index(other))
            yield Problem(here, f"{one} and {other} are both asked for, and {why}: keep one", "operator-twice")
    blackbox = loaded.spec.blackbox
    if "Probe" in written.kinds and blackbox is None and ("blackbox",) not in loaded.broken:
        message = "a Probe needs a blackbox exporter: write `blackbox: {address: host:9115}` in the fleet"
        yield Problem(origin.at("kinds", written.kinds.index("Probe")), message, "operator-prober")
    if blackbox and "Probe" not in written.kinds and loaded.spec.prometheus is None:
        message = "nothing probes, because `kinds` does not name Probe: add it, or remove this"
        yield Problem(loaded.origin("blackbox"), message, "operator-prober", Level.WARNING)


def _late(scrapes: Iterable[Scrape]) -> Iterator[Problem]:
    for scrape in scrapes:
        if scrape.timeout and scrape.timeout > scrape.interval:
            said, interval = duration.text(scrape.timeout), duration.text(scrape.interval)
            message = f"the timeout of {said} is longer than the interval, which is {interval}: make it shorter"
            yield Problem(scrape.origin, message, "operator-timeout")


def _unspeakable(loaded: LoadedFleet, teams: Mapping[str, Team], everyone: Iterable[Receiver]) -> Iterator[Problem]:
    """What an AlertmanagerConfig has no words for; the Alertmanager object takes the whole file instead."""
    instead = "remove AlertmanagerConfig: the Alertmanager object takes the whole generated file"
    if loaded.spec.alertmanager.base:
        message = f"an AlertmanagerConfig cannot hold the user's own file: {instead}"
        yield Problem(loaded.origin("alertmanager", "base"), message, "operator-alertmanagerconfig")
    theirs = (item for team in teams.values() for many in team.receivers.values() for item in many)
    for receiver in (*everyone, *theirs):
        if receiver.kind in WITHOUT_FIELD:
            message = f"an AlertmanagerConfig has no receiver {receiver.kind}: {instead}"
            yield Problem(receiver.origin, message, "operator-alertmanagerconfig")
    for team in teams.values():
        for interval in (*team.active.values(), *team.quiet.values()):
            if interval.location not in _ZONES:
                message = f"an AlertmanagerConfig knows UTC only, not {interval.location}: {instead}"
                yield Problem(interval.origin, message, "operator-alertmanagerconfig")
