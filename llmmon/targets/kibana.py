"""Kibana: data views over the indices that exist, and the services' queries as saved queries, ready to import."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.dump import notice
from llmmon.problem import Problem
from llmmon.target import Artifact, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.plan.logstack import Search
    from llmmon.problem import Keys, Origin, Unverified
    from llmmon.target import Written
    from llmmon.tool import Tools

DAY = "2026.01.01"  # an example of the day that Logstash adds
TITLES = {"app": "Applications", "istio-access": "Istio access logs"}
_CLAUSE = r'[A-Za-z_@][A-Za-z0-9_.@-]* : (?:[a-z0-9._-]*\*|"(?:[^"\\]|\\.)*")'
KQL = re.compile(rf"{_CLAUSE}(?: and {_CLAUSE})*\Z", re.DOTALL)
_SPECIAL = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`data-views.ndjson`: one view per prefix."""
    del facts
    if fleet.logs is None or not fleet.logs.kibana or not fleet.elasticsearch:
        return
    views = [
        _view(f"{fleet.name}.{prefix}", f"{prefix}-*", f"{TITLES[prefix]} ({fleet.name})")
        for prefix in fleet.logs.prefixes
    ]
    path = PurePosixPath("kibana/data-views.ndjson")
    yield Artifact(path, _lines(views), {(): fleet.logs.origin}, fleet.origin.document.path)


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`services/<service>.ndjson`: its data view, and its queries."""
    pipeline = service.logs
    if fleet.logs is None or not fleet.logs.kibana or pipeline is None or not fleet.elasticsearch:
        return
    objects = [_view(f"{fleet.name}.service.{service.name}", f"{pipeline.index}-*", f"{service.name} ({fleet.name})")]
    queries = pipeline.analysis.queries if pipeline.analysis else ()
    objects += [_query(query, service, pipeline.index, fleet.name) for query in queries]
    origins: dict[Keys, Origin] = {(index,): query.origin for index, query in enumerate(queries, 1)}
    path = PurePosixPath("kibana/services", f"{service.name}.ndjson")
    yield Artifact(path, _lines(objects), {(): pipeline.origin, **origins}, service.spec)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    """What Kibana would refuse of a service's objects, and a view that would find nothing."""
    del fleet
    indices = [f"{service.logs.index}-{DAY}"] if service.logs else []
    for artifact in artifacts:
        for line, fault in faults(artifact.text, indices):
            origin = artifact.origins.get((line,), artifact.origins[()])
            yield Problem(origin, f"{artifact.path}:{line + 1}: {fault}", "kibana")


def verify(
    fleet: Fleet,
    facts: Iterable[Facts],
    scratch: Path,
    written: Sequence[Written],
    tools: Tools,
) -> Iterator[Problem | Unverified]:
    """The same of the fleet's views, and that no two objects have one id."""
    del facts, tools
    indices = [f"{prefix}-{DAY}" for prefix in (fleet.logs.prefixes if fleet.logs else ())]
    taken: dict[tuple[str, str], PurePosixPath] = {}
    for artifact in written:
        text = (scratch / artifact.path).read_text(encoding="utf-8")
        for line, fault in faults(text, indices) if artifact.path.parent.name == "kibana" else ():
            yield Problem(artifact.origins[()], f"{artifact.path}:{line + 1}: {fault}", "kibana")
        for one in map(json.loads, text.splitlines()):
            key = (one["type"], one["id"])
            other = taken.setdefault(key, artifact.path)
            if other != artifact.path:
                message = f"{artifact.path}: {key[0]} {key[1]} is in {other} too: the later import replaces the other"
                yield Problem(artifact.origins[()], message, "kibana")


def faults(text: str, indices: Sequence[str]) -> Iterator[tuple[int, str]]:
    """By line, from 0: what the import refuses; `indices` are examples of those that exist."""
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(text.splitlines()):
        try:
            found = json.loads(line)
        except ValueError as error:
            yield number, f"is no JSON: {error}"
            continue
        key = (str(found.get("type")), str(found.get("id")))
        if key in seen:
            yield number, f"the id {key[1]!r} stands twice"
        seen.add(key)
        attributes = found.get("attributes", {})
        match key[0]:
            case "index-pattern":
                yield from ((number, fault) for fault in _view_faults(attributes, indices))
            case "query":
                yield from ((number, fault) for fault in _query_faults(attributes))
            case _:
                yield number, f"{key[0]!r} is no object of ours: index-pattern or query"


def _view_faults(attributes: Mapping[str, Any], indices: Sequence[str]) -> Iterator[str]:
    title = str(attributes.get("title", ""))
    if not any(fnmatchcase(index, title) for index in indices):
        yield f"the view {title!r} finds none of the indices that are written, such as {', '.join(indices)}"
    if not attributes.get("timeFieldName"):
        yield f"the view {title!r} has no time field, so nothing can be filtered by time"


def _query_faults(attributes: Mapping[str, Any]) -> Iterator[str]:
    if not attributes.get("title"):
        yield "a saved query needs a title"
    query = attributes.get("query", {})
    if query.get("language") != "kuery" or not KQL.match(str(query.get("query"))):
        yield f'{query.get("query")!r} is no KQL: write field : "value", joined by and'


def _view(identifier: str, pattern: str, name: str) -> dict[str, Any]:
    attributes = {"title": pattern, "name": name, "timeFieldName": "@timestamp"}
    return {"id": identifier, "type": "index-pattern", "attributes": attributes, "references": []}


def _query(query: Search, service: Service, index: str, fleet: str) -> dict[str, Any]:
    """KQL filters; what is counted or summed is Elasticsearch's query of the same name."""
    clauses = [f"_index : {index}-*"]
    clauses += [f"{match.field} : {_quoted(match.value)}" for match in query.where]
    clauses += [f"{field} : *" for field in dict.fromkeys((*query.having, *([query.sum] if query.sum else ())))]
    made = notice(service.spec)
    return {
        "id": f"{fleet}.query.{service.name}.{query.name}",
        "type": "query",
        "attributes": {
            "title": f"{service.name}: {query.name}",
            "description": " ".join(filter(None, (query.help, made))),
            "query": {"query": " and ".join(clauses), "language": "kuery"},
            "filters": [],
            "timefilter": {
                "from": f"now-{_time(query.within)}",
                "to": "now",
                "refreshInterval": {"pause": True, "value": 0},
            },
        },
        "references": [],
    }


def _quoted(value: str) -> str:
    return '"' + "".join(_SPECIAL.get(char, char) for char in value) + '"'


def _time(value: timedelta) -> str:
    seconds = max(1, duration.milliseconds(value) // 1000)
    return next(
        f"{seconds // size}{unit}"
        for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
        if seconds % size == 0
    )


def _lines(objects: Iterable[dict[str, Any]]) -> str:
    """One object per line; the characters that some readers take for line ends are escaped."""
    return "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in objects)


TARGET = Target("kibana", of_service, of_fleet, check, verify)
