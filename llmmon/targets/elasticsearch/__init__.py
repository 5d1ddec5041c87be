"""Elasticsearch: lifecycle, snapshots, index templates, and the services' queries, as bodies of its REST requests."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.dump import json_text, notice
from llmmon.plan.logstack import APP, ISTIO
from llmmon.problem import Level, Problem
from llmmon.target import Artifact, Target
from llmmon.targets.elasticsearch import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from llmmon.plan import Facts, Fleet, Pipeline, Service
    from llmmon.plan.logstack import LogStack, Search, Snapshots
    from llmmon.problem import Origin, Unverified
    from llmmon.target import Written
    from llmmon.tool import Tools

DAYS = "-*.*.*"  # the day that Logstash adds; a foreign app-notes index is none of ours
PRIORITY = 600  # above Elastic's own templates (100 to 500) and all of its integrations
BUCKETS = 100
ACCESS = {  # Istio's access log as JSON; the rest of it becomes keywords
    "istio": {
        "properties": {
            "start_time": {"type": "date"},
            "response_code": {"type": "integer"},
            "duration": {"type": "long"},
            "bytes_received": {"type": "long"},
            "bytes_sent": {"type": "long"},
        }
    }
}
AGES = (
    "An index holds the events of one day (UTC), and is not rolled over: ages count from the start of the day in its "
    "name. Counted from the end of that day, as after a rollover of 1d: "
)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """Repository, snapshot policy, lifecycle, component template, and one index template per prefix."""
    del facts
    stack = fleet.logs
    if stack is None or not fleet.elasticsearch:
        return
    spec = fleet.origin.document.path
    made = notice(spec)
    if stack.snapshots:
        at = stack.snapshots.origin
        yield _artifact(f"repositories/{stack.snapshots.repository}", _repository(stack.snapshots, fleet), at, spec)
        yield _artifact(f"snapshots/{stack.name}", _snapshots(stack, stack.snapshots, made), at, spec)
    yield _artifact(f"lifecycle/{stack.name}", _lifecycle(stack, made), stack.origin, spec)
    yield _artifact(f"component-templates/{stack.name}", _common(stack, made), stack.origin, spec)
    for prefix in stack.prefixes:
        fields = ACCESS if prefix == ISTIO else {}
        pattern = f"{prefix}{DAYS}" if prefix == ISTIO else f"{prefix}-*{DAYS}"
        yield _artifact(
            f"index-templates/{prefix}", _template(pattern, PRIORITY, stack, fields, made), stack.origin, spec
        )


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """The template of the service's index where it has fields of its own, and its queries."""
    pipeline, stack = service.logs, fleet.logs
    if pipeline is None or stack is None or not fleet.elasticsearch:
        return
    made = notice(service.spec)
    fields = _fields(pipeline)
    if fields or not pipeline.index.startswith(f"{APP}-"):
        priority = PRIORITY + len(pipeline.index)  # app-chat-gateway has to win over app-chat
        template = _template(f"{pipeline.index}{DAYS}", priority, stack, fields, made)
        yield _artifact(f"index-templates/app-{service.name}", template, pipeline.origin, service.spec)
    for query in pipeline.analysis.queries if pipeline.analysis else ():
        body = _query(query, pipeline.index, made)
        yield _artifact(f"queries/{service.name}/{query.name}", body, query.origin, service.spec)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    """What Elasticsearch would refuse of a service's template and queries."""
    if fleet.logs and service.logs:
        yield from _outside(fleet.logs, service.logs)
    for artifact in artifacts:
        for fault in faults.of(artifact.path.parts[1], json.loads(artifact.text)):
            yield Problem(artifact.origins[()], f"{artifact.path}: {fault}", "elasticsearch")


def verify(
    fleet: Fleet,
    facts: Iterable[Facts],
    scratch: Path,
    written: Sequence[Written],
    tools: Tools,
) -> Iterator[Problem | Unverified]:
    """What Elasticsearch would refuse of all of it, and what one file says against another."""
    del fleet, facts, tools
    bodies: dict[tuple[str, str], Any] = {}
    for artifact in written:
        body = json.loads((scratch / artifact.path).read_text(encoding="utf-8"))
        bodies[artifact.path.parts[1], artifact.path.stem] = body
        for fault in faults.of(artifact.path.parts[1], body):
            yield Problem(artifact.origins[()], f"{artifact.path}: {fault}", "elasticsearch")
    origins = {(item.path.parts[1], item.path.stem): item.origins[()] for item in written}
    for where, fault in faults.between(bodies):
        yield Problem(origins[where], f"elasticsearch/{'/'.join(where)}.json: {fault}", "elasticsearch")


def _outside(stack: LogStack, pipeline: Pipeline) -> Iterator[Problem]:
    """Indices beyond the fleet's prefix: in no snapshot, and so never deleted; or without any template."""
    prefix = f"{APP}-"
    if stack.snapshots and stack.delete and not pipeline.index.startswith(prefix):
        message = f"{pipeline.index}-<day> is in no snapshot, for which its deletion would wait: name it {prefix}..."
        yield Problem(pipeline.origin.at("index"), message, "no-snapshot")
    if not f"{pipeline.failures}-".startswith((prefix, f"{pipeline.index}-")):
        message = f"no index template covers {pipeline.failures}-<day>: name it {prefix}{pipeline.failures}"
        yield Problem(pipeline.origin.at("failures"), message, "no-template", Level.WARNING)


def _repository(spec: Snapshots, fleet: Fleet) -> dict[str, Any]:
    return {"type": "s3", "settings": {"bucket": spec.bucket, "base_path": fleet.name}}


def _snapshots(stack: LogStack, spec: Snapshots, made: str) -> dict[str, Any]:
    return {
        "schedule": spec.schedule,
        "name": f"<{stack.name}-{{now/d}}>",
        "repository": spec.repository,
        "config": {
            "indices": [f"{prefix}-*" for prefix in stack.prefixes],
            "ignore_unavailable": True,
            "include_global_state": False,
            "metadata": {"description": made},
        },
        "retention": {
            "expire_after": time(spec.keep),
            "min_count": spec.at_least,
            "max_count": spec.at_most,
        },
    }


def _lifecycle(stack: LogStack, made: str) -> dict[str, Any]:
    """No action makes an index read-only: a late event is written to the index of its day, and Logstash would retry
    it for ever."""
    phases: dict[str, Any] = {"hot": {"min_age": "0ms", "actions": {"set_priority": {"priority": 100}}}}
    for name, age, priority in (("warm", stack.warm, 50), ("cold", stack.cold, 0)):
        if age is not None:
            phases[name] = {"min_age": time(age), "actions": {"set_priority": {"priority": priority}}}
    if stack.delete is not None:
        kept = {"wait_for_snapshot": {"policy": stack.name}} if stack.snapshots else {}
        phases["delete"] = {"min_age": time(stack.delete), "actions": {**kept, "delete": {}}}
    ages = ((name, getattr(stack, name)) for name in ("warm", "cold", "delete"))
    told = ", ".join(f"{name} {time(age - faults.DAY)}" for name, age in ages if age is not None)
    return {"policy": {"_meta": {"description": f"{made} {AGES}{told or 'kept for ever'}."}, "phases": phases}}


def _common(stack: LogStack, made: str) -> dict[str, Any]:
    """Text is a keyword unless it is the message: a term query on analysed text does not find ERROR."""
    return {
        "_meta": {"description": made},
        "template": {
            "settings": {
                "index": {
                    "number_of_shards": stack.shards,
                    "number_of_replicas": stack.replicas,
                    "lifecycle": {"name": stack.name, "parse_origination_date": True},
                    "mapping": {"ignore_malformed": True},  # one odd field does not cost the event
                }
            },
            "mappings": {
                "dynamic_templates": [
                    {
                        "text_is_keyword": {
                            "match_mapping_type": "string",
                            "mapping": {"type": "keyword", "ignore_above": 1024},
                        }
                    }
                ],
                "properties": {
                    "@timestamp": {"type": "date"},
                    "message": {"type": "text"},
                    "level": {"type": "keyword"},
                    "service": {"type": "keyword"},
                    "tags": {"type": "keyword"},
                    "json": {"type": "flattened"},
                },
            },
        },
    }


def _template(pattern: str, priority: int, stack: LogStack, fields: dict[str, Any], made: str) -> dict[str, Any]:
    own = {"template": {"mappings": {"properties": fields}}} if fields else {}
    return {
        "_meta": {"description": made},
        "index_patterns": [pattern],
        "priority": priority,
        "composed_of": [stack.name],
        **own,
    }


def _fields(pipeline: Pipeline) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in pipeline.extractions:
        text = all(isinstance(sample.gives, str | None) for sample in entry.samples)
        kind = "long" if entry.convert == "integer" else "keyword" if text else "double"
        found[entry.field] = {"type": kind}
    return found


def _query(query: Search, index: str, made: str) -> dict[str, Any]:
    """Counted, not fetched: no hits come back. `meta` of an aggregation is where a search may hold a comment."""
    filters: list[dict[str, Any]] = [
        {"range": {"@timestamp": {"gte": f"now-{time(query.within)}"}}},
        {"wildcard": {"_index": {"value": f"{index}-????.??.??"}}},
    ]
    filters += [{"term": {match.field: match.value}} for match in query.where]
    filters += [{"exists": {"field": field}} for field in query.having]
    inner = {"total": {"sum": {"field": query.sum}}} if query.sum else {}
    meta = {"description": " ".join(filter(None, (query.help, made)))}
    if query.by:
        order = {"order": {"total": "desc"}} if query.sum else {}
        grouped: dict[str, Any] = {"terms": {"field": query.by, "size": BUCKETS, **order}, "meta": meta}
        aggs = {"groups": {**grouped, "aggs": inner} if inner else grouped}
    else:
        aggs = {"total": {**inner["total"], "meta": meta}} if inner else {"over_time": _histogram(query.within, meta)}
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}, "aggs": aggs}


def _histogram(within: timedelta, meta: dict[str, str]) -> dict[str, Any]:
    return {"auto_date_histogram": {"field": "@timestamp", "buckets": 24}, "meta": meta} if within else {}


def time(value: timedelta) -> str:
    """A duration as Elasticsearch writes it: one number, one unit."""
    rest = duration.milliseconds(value)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if rest % size == 0:
            return f"{rest // size}{unit}"
    return f"{rest}ms"


def _artifact(name: str, body: dict[str, Any], origin: Origin, owner: str) -> Artifact:
    return Artifact(PurePosixPath("elasticsearch", f"{name}.json"), json_text(body), {(): origin}, owner)


TARGET = Target("elasticsearch", of_service, of_fleet, check, verify)
