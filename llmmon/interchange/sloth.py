"""Reads Sloth's specs, `prometheus/v1` and the custom resource PrometheusServiceLevel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.interchange import query, targets
from llmmon.interchange.model import Objective

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.interchange.documents import Node
    from llmmon.interchange.query import Found

VERSION, GROUP, KIND = "prometheus/v1", "sloth.slok.dev/", "PrometheusServiceLevel"
_TEAM = ("team", "owner")


def read(documents: Iterable[Node]) -> Iterator[Objective]:
    """The objectives of all documents; what is of another kind is said."""
    for document in documents:
        if document.at("apiVersion").text().startswith(GROUP) and document.at("kind").text() == KIND:
            yield from _service(document.at("spec"))
        elif document.at("version").text() == VERSION:
            yield from _service(document)
        else:
            found = document.first("version", "apiVersion")
            found.error(f"this is no spec of Sloth: {VERSION!r} is read, and {GROUP}v1 {KIND}")


def _service(spec: Node) -> Iterator[Objective]:
    service = spec.at("service").text()
    if not service:
        spec.error("a spec of Sloth needs a service")
        return
    plugins = spec.first("slo_plugins", "sloPlugins")
    if plugins:
        plugins.lost("plugins are not run: what they change is not here")
    team = next((text for key in _TEAM if (text := spec.at("labels", key).text())), "")
    for slo in spec.at("slos").items():
        if found := _objective(slo, service, team):
            yield found
    if not spec.at("slos"):
        spec.error("there are no objectives: slos: is empty")


def _objective(slo: Node, service: str, team: str) -> Objective | None:
    name = slo.at("name").text()
    if not name:
        slo.error("an objective needs a name")
    share = targets.share(slo.at("objective"), 100)
    found = _indicator(slo.at("sli"))
    _alerting(slo.at("alerting"))
    if slo.at("plugins"):
        slo.at("plugins").lost("plugins are not run: what they change is not here")
    if share is None or found is None or not name:
        return None
    return Objective(service, name, share, found.indicator, by=found.by, help=slo.at("description").text(), team=team)


def _indicator(sli: Node) -> Found | None:
    kinds = [key for key in ("events", "raw", "plugin") if sli.at(key)]
    if len(kinds) != 1:
        sli.error("an indicator is exactly one of events, raw and plugin")
        return None
    node = sli.at(kinds[0])
    match kinds[0]:
        case "events":
            errors, all_of = node.first("error_query", "errorQuery"), node.first("total_query", "totalQuery")
            part, total = query.parse(errors), query.parse(all_of)
            return query.events("bad", part, total, errors) if part and total else None
        case "raw":
            text = node.first("error_ratio_query", "errorRatioQuery")
            expr = query.parse(text)
            return query.ratio("bad", expr, text) if expr else None
    node.error("the plugin is a program, which is not run: write the queries that it makes as events")
    return None


def _alerting(alerting: Node) -> None:
    for keys, severity in ((("page_alert", "pageAlert"), "critical"), (("ticket_alert", "ticketAlert"), "warning")):
        alert = alerting.first(*keys)
        if alert.at("disable").flag():
            message = f"the {severity} alerts are made all the same: demote: them in the fleet's environments"
            alert.at("disable").lost(message)
    if alerting.at("name") or alerting.at("labels") or alerting.at("annotations"):
        alerting.note("alerts have a name, labels and texts of their own, and routes follow team and severity")
