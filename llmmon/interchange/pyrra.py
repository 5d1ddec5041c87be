"""Reads Pyrra's custom resource ServiceLevelObjective: ratio, latency, latencyNative and bool_gauge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.interchange import query, targets
from llmmon.interchange.model import Events, Latency, Objective, Share
from llmmon.interchange.query import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.interchange.documents import Node
    from llmmon.interchange.model import By
    from llmmon.promql import Selector

GROUP, KIND = "pyrra.dev/", "ServiceLevelObjective"
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_KINDS = ("ratio", "latency", "latencyNative", "bool_gauge")


def read(documents: Iterable[Node]) -> Iterator[Objective]:
    """The objectives of all documents; what is of another kind is said."""
    for document in documents:
        if document.at("apiVersion").text().startswith(GROUP) and document.at("kind").text() == KIND:
            if found := _objective(document):
                yield found
        else:
            document.first("kind", "apiVersion").error(f"this is no objective of Pyrra: {GROUP}v1alpha1 {KIND} is read")


def _objective(document: Node) -> Objective | None:
    spec, labels = document.at("spec"), document.at("metadata", "labels")
    name = document.at("metadata", "name").text()
    if not name:
        document.at("metadata").error("an objective needs a name")
    share = targets.share(spec.at("target"), 100)
    found = _indicator(spec.at("indicator"))
    if not spec.at("window"):
        spec.error("an objective needs a window, such as 4w")
    absent = _alerting(spec.at("alerting"))
    for key in ("performanceOverAccuracy", "ruleOutput", "partial_response_strategy"):
        if spec.at(key):
            spec.at(key).note("how rules are made follows from the fleet: this is left out")
    if share is None or found is None or not name:
        return None
    window = targets.window(spec.at("window"), 1 - share)
    if window is None:
        return None
    service = labels.at("pyrra.dev/service").text() or _job(found.indicator) or name
    words = spec.at("description").text()
    team = labels.at("pyrra.dev/team").text()
    return Objective(service, name, share, found.indicator, window, found.by, help=words, absent=absent, team=team)


def _indicator(indicator: Node) -> Found | None:
    kinds = [key for key in _KINDS if indicator.at(key)]
    if len(kinds) != 1:
        indicator.error(f"an indicator is exactly one of {', '.join(_KINDS)}")
        return None
    node = indicator.at(kinds[0])
    by = _labels(node.at("grouping"))
    if by is None:
        return None
    match kinds[0]:
        case "ratio":
            errors, total = query.selector(node.at("errors", "metric")), query.selector(node.at("total", "metric"))
            return Found(Events("bad", (errors,), (total,)), by) if errors and total else None
        case "latency":
            success, total = query.selector(node.at("success", "metric")), query.selector(node.at("total", "metric"))
            if not success or not total:
                return None
            return Found(query.latency(success, total) or Events("good", (success,), (total,)), by)
        case "latencyNative":
            return _native(node, by)
    gauge = query.selector(node.at("metric"))
    return Found(Share(gauge), by) if gauge else None


def _labels(grouping: Node) -> By | None:
    nodes = list(grouping.items())
    wrong = [node for node in nodes if not _LABEL.fullmatch(node.text())]
    for node in wrong:
        node.error(f"{node.text()!r} is no label: use letters, digits and _, not starting with a digit")
    return None if wrong else tuple((node.text(), node.text()) for node in nodes)


def _native(node: Node, by: By) -> Found | None:
    total, within = query.selector(node.at("total", "metric")), duration.parse(node.at("latency").text())
    if not within:
        node.at("latency").error(f"{node.at('latency').text()!r} is no time: write it like 500ms")
    return Found(Latency(total, duration.seconds(within), native=True), by) if total and within else None


def _alerting(alerting: Node) -> bool:
    for key in ("disabled", "burnrates"):
        flag = alerting.at(key)
        if flag and flag.flag() is (key == "disabled"):
            flag.lost("alerts are made for every objective: demote: them in the fleet's environments")
    if alerting.at("name") or alerting.at("absentName") or alerting.at("severities"):
        alerting.note("alerts have names of their own, and severities that follow from how fast the budget burns")
    return alerting.at("absent").flag() is not False


def _job(indicator: object) -> str:
    """The job that the series are of."""
    match indicator:
        case Events(_, part, _):
            found: Selector = part[0]
        case Latency(found) | Share(found):
            pass
        case _:
            return ""
    return next((matcher.value for matcher in found.matchers if _is_job(matcher)), "")


def _is_job(matcher: promql.Matcher) -> bool:
    return matcher.label == "job" and matcher.op == "="
