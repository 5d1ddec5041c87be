"""What an Elasticsearch server refuses: its own rules for lifecycles, snapshot policies, templates and searches."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from llmmon.lower.logstack import quartz_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Body = dict[str, Any]

DAY = timedelta(days=1)
PHASES = ("hot", "warm", "cold", "frozen", "delete")
# TimeseriesLifecycleType; `freeze` does nothing since 8.0 and is left out.
ALLOWED: Mapping[str, frozenset[str]] = {
    "hot": frozenset(
        [
            "set_priority",
            "unfollow",
            "rollover",
            "readonly",
            "downsample",
            "shrink",
            "forcemerge",
            "searchable_snapshot",
        ]
    ),
    "warm": frozenset(
        ["set_priority", "unfollow", "readonly", "downsample", "allocate", "migrate", "shrink", "forcemerge"]
    ),
    "cold": frozenset(
        ["set_priority", "unfollow", "readonly", "downsample", "searchable_snapshot", "allocate", "migrate"]
    ),
    "frozen": frozenset(["unfollow", "searchable_snapshot"]),
    "delete": frozenset(["wait_for_snapshot", "delete"]),
}
NEEDS_ROLLOVER = frozenset(["readonly", "shrink", "forcemerge", "downsample", "searchable_snapshot"])
NOT_AFTER_MOUNT = frozenset(["forcemerge", "shrink", "downsample"])
CONDITIONS = ("max_age", "max_docs", "max_size", "max_primary_shard_size", "max_primary_shard_docs")
BUILT_IN = ("logs-*-*", "metrics-*-*", "traces-*-*", "synthetics-*-*", "profiling-*")
LEAST = 501  # Elastic's own templates and integrations end at 500

_TIME = re.compile(r"(?:0|([0-9]+)(d|h|m|s|ms|micros|nanos))\Z")
_SIZES = {"d": 86_400e3, "h": 3_600e3, "m": 60e3, "s": 1e3, "ms": 1.0, "micros": 1e-3, "nanos": 1e-6}
_MATH = re.compile(r"<([^{}<>]*)\{now(?:[/+-][0-9]*[yMwdhHms])*(?:\{[^{}]+\})?\}([^{}<>]*)>\Z")
_NAME = re.compile(r"[^-_+A-Z\\/*?\"<>| ,#:][^A-Z\\/*?\"<>| ,#:]*\Z")


def of(kind: str, body: Body) -> Iterator[str]:
    """Of a body in the folder `kind`."""
    rules: Mapping[str, Callable[[Body], Iterator[str]]] = {
        "lifecycle": lifecycle,
        "snapshots": snapshots,
        "index-templates": template,
        "component-templates": component,
        "queries": query,
    }
    if kind in rules:
        yield from rules[kind](body)


def lifecycle(body: Body) -> Iterator[str]:
    """Of a lifecycle policy (TimeseriesLifecycleType.validate, and of each action's constructor)."""
    phases: Body = body.get("policy", {}).get("phases", {})
    if not phases:
        yield "a policy needs phases"
    hot = phases.get("hot", {}).get("actions", {})
    mounted, repositories, before, intervals = "", set[str](), (0.0, ""), list[float]()
    for name in sorted(phases, key=lambda name: PHASES.index(name) if name in PHASES else -1):
        if name not in PHASES:
            yield f"{name!r} is no phase: write one of {', '.join(PHASES)}"
            continue
        actions: Body = phases[name].get("actions", {})
        age = milliseconds(phases[name].get("min_age", "0ms"))
        if age is None:
            yield f"{name}: min_age {phases[name]['min_age']!r} is no time: write one number and one unit, such as 7d"
        elif age < before[0]:
            yield f"{name} begins before {before[1]}: min_age must not fall"
        else:
            before = age, name
        for action, options in actions.items():
            if action not in ALLOWED[name]:
                yield f"{name} cannot {action}: it may {', '.join(sorted(ALLOWED[name]))}"
            if name == "hot" and action in NEEDS_ROLLOVER and "rollover" not in hot:
                yield f"hot cannot {action} without rollover: the index is still written to"
            if mounted and action in NOT_AFTER_MOUNT:
                yield f"{name} cannot {action} after {mounted} has mounted the index from a snapshot"
            yield from (f"{name}: {fault}" for fault in _action(action, options))
        if name == "frozen" and "searchable_snapshot" not in actions:
            yield "frozen needs searchable_snapshot"
        if "searchable_snapshot" in actions:
            mounted = mounted or name
            repositories.add(str(actions["searchable_snapshot"].get("snapshot_repository")))
        if actions.get("migrate", {}).get("enabled", True) and "migrate" in actions and _routes(actions):
            yield f"{name}: migrate and the routing rules of allocate both place the index: keep one"
        if "downsample" in actions:
            intervals.append(milliseconds(actions["downsample"].get("fixed_interval", "")) or 0.0)
    if len(repositories) > 1:
        yield f"searchable snapshots of one policy share one repository, found {', '.join(sorted(repositories))}"
    for first, second in pairwise(intervals):
        if not first or second <= first or second % first:
            yield "each downsample interval must be a larger multiple of the one before"


def snapshots(body: Body) -> Iterator[str]:
    """Of a snapshot policy (SnapshotLifecyclePolicy.validate)."""
    schedule = str(body.get("schedule", ""))
    if milliseconds(schedule) is None and (fault := quartz_fault(schedule)):
        yield f"the schedule {schedule!r} {fault}"
    name = str(body.get("name", ""))
    math = _MATH.match(name)
    if name.startswith("<") and not math:
        yield f"the name {name!r} is no date math: write it like <logs-{{now/d}}>"
    elif not math:
        yield f"the name {name!r} is the same for each snapshot: write it like <logs-{{now/d}}>"
    elif not _NAME.match(f"{math[1]}2026.01.01{math[2]}"):
        yield f"the name {name!r} makes no snapshot name: use a-z, 0-9, ., - and _"
    if not body.get("repository"):
        yield "a snapshot policy needs a repository"
    kept: Body = body.get("retention", {})
    if not kept:
        yield "without retention no snapshot is ever deleted"
    if "expire_after" in kept and not milliseconds(kept["expire_after"]):
        yield f"expire_after {kept['expire_after']!r} is no time: write it like 30d"
    if kept.get("min_count", 1) > kept.get("max_count", 1 << 31):
        yield f"min_count {kept['min_count']} is more than max_count {kept['max_count']}"
    if not min(kept.get("min_count", 1), kept.get("max_count", 1)) > 0:
        yield "min_count and max_count must be at least 1"


def template(body: Body) -> Iterator[str]:
    """Of an index template; one that meets the built-in data streams must say that it means that."""
    patterns: list[str] = body.get("index_patterns", [])
    if not patterns:
        yield "an index template needs index_patterns"
    for pattern in patterns:
        if pattern.startswith("*"):
            yield f"{pattern!r} matches the indices of everybody: begin with a prefix of your own"
        if met := next((own for own in BUILT_IN if meet(pattern, own)), None):
            yield f"{pattern!r} meets Elastic's own data streams {met}: take another prefix, such as app-"
    if body.get("priority", 0) < LEAST:
        yield f"the priority {body.get('priority', 0)} loses against Elastic's own templates: write more than 500"
    yield from component(body)


def component(body: Body) -> Iterator[str]:
    """Of the part that component and index templates share."""
    inner: Body = body.get("template", {})
    index = inner.get("settings", {}).get("index", {})
    for key, least in (("number_of_shards", 1), ("number_of_replicas", 0)):
        if index.get(key, least) < least:
            yield f"{key} must be at least {least}, found {index[key]}"
    level = inner.get("mappings", {}).get("properties", {}).get("level", {"type": "keyword"})
    if level.get("type") != "keyword":
        yield f"level is mapped as {level.get('type')}: a term query finds it only as keyword"


def query(body: Body) -> Iterator[str]:
    """Of a search that is there for its aggregations."""
    if body.get("size") != 0:
        yield "without size: 0 each answer carries ten documents as well"
    if not any("range" in part for part in body["query"]["bool"]["filter"]):
        yield "without a range of @timestamp the whole retention is searched"


def between(bodies: Mapping[tuple[str, str], Body]) -> Iterator[tuple[tuple[str, str], str]]:
    """What one body says against another, by folder and name."""
    templates = [(where, body) for where, body in bodies.items() if where[0] == "index-templates"]
    rivals: dict[int, list[tuple[str, Body]]] = {}
    for where, body in templates:
        equals = rivals.setdefault(body.get("priority", 0), [])
        for other, twin in equals:
            if any(meet(a, b) for a in body["index_patterns"] for b in twin["index_patterns"]):
                yield where, f"meets the template {other} at the same priority, which is refused: name another index"
        equals.append((where[1], body))
        for part in body.get("composed_of", ()):
            if ("component-templates", part) not in bodies and templates_known(bodies):
                yield where, f"is composed of {part}, which does not exist"
    for where, body in bodies.items():
        if where[0] == "component-templates":
            yield from ((where, fault) for fault in _rolled(body, bodies))
        if where[0] == "lifecycle":
            waited = body["policy"]["phases"].get("delete", {}).get("actions", {}).get("wait_for_snapshot", {})
            if waited and ("snapshots", waited.get("policy")) not in bodies:
                yield where, f"waits for the snapshot policy {waited.get('policy')}, which does not exist"
        if where[0] == "snapshots" and ("repositories", body.get("repository")) not in bodies:
            yield where, f"writes to the repository {body.get('repository')}, which does not exist"


def templates_known(bodies: Mapping[tuple[str, str], Body]) -> bool:
    """Whether the fleet's own files are among them: with partial input they are not."""
    return any(folder == "component-templates" for folder, _ in bodies)


def meet(first: str, second: str) -> bool:
    """Whether some name matches both patterns, of which * stands for anything."""
    ends = first.partition("*")[0], second.partition("*")[0]
    return (ends[0].startswith(ends[1]) or ends[1].startswith(ends[0])) and _meet(first, second)


@lru_cache(maxsize=4096)
def _meet(first: str, second: str) -> bool:
    if not first or not second:
        return not first.strip("*") and not second.strip("*")
    if first[0] == "*":
        return _meet(first[1:], second) or _meet(first, second[1:])
    if second[0] == "*":
        return _meet(first, second[1:]) or _meet(first[1:], second)
    return first[0] == second[0] and _meet(first[1:], second[1:])


def milliseconds(text: object) -> float | None:
    """A TimeValue; None where the text is none."""
    match = _TIME.match(text) if isinstance(text, str) else None
    return None if not match else int(match[1]) * _SIZES[match[2]] if match[1] else 0.0


def _action(name: str, options: Body) -> Iterator[str]:
    match name:
        case "rollover" if not any(key in options for key in CONDITIONS):
            yield f"rollover needs a condition: one of {', '.join(CONDITIONS)}"
        case "rollover" if "max_age" in options and not milliseconds(options["max_age"]):
            yield f"max_age {options['max_age']!r} is no time: write it like 1d"
        case "shrink" if ("number_of_shards" in options) == ("max_primary_shard_size" in options):
            yield "shrink needs either number_of_shards or max_primary_shard_size"
        case "forcemerge" if not options.get("max_num_segments", 0) >= 1:
            yield "forcemerge needs max_num_segments of at least 1"
        case "allocate" if not _routes({"allocate": options}) and not options.keys() & {
            "number_of_replicas",
            "total_shards_per_node",
        }:
            yield "allocate needs number_of_replicas, total_shards_per_node, include, exclude or require"
        case "allocate" if options.get("number_of_replicas", 0) < 0:
            yield "number_of_replicas must be at least 0"
        case "searchable_snapshot" if not options.get("snapshot_repository"):
            yield "searchable_snapshot needs snapshot_repository"
        case "downsample" if not milliseconds(options.get("fixed_interval", "")):
            yield "downsample needs fixed_interval, such as 1h"
        case "wait_for_snapshot" if not options.get("policy"):
            yield "wait_for_snapshot needs policy"
        case "set_priority" if (options.get("priority") or 0) < 0:
            yield "priority must be at least 0"


def _routes(actions: Body) -> bool:
    return any(actions.get("allocate", {}).get(key) for key in ("include", "exclude", "require"))


def _rolled(body: Body, bodies: Mapping[tuple[str, str], Body]) -> Iterator[str]:
    """Rollover needs an alias or a data stream to write to; an index of a day has neither."""
    index = body["template"].get("settings", {}).get("index", {})
    name = index.get("lifecycle", {}).get("name")
    policy = bodies.get(("lifecycle", name))
    if policy is None:
        if name:
            yield f"names the lifecycle {name}, which does not exist"
        return
    rolls = "rollover" in policy["policy"]["phases"].get("hot", {}).get("actions", {})
    if rolls and "rollover_alias" not in index.get("lifecycle", {}) and "data_stream" not in body:
        yield f"the lifecycle {name} rolls over, but indices of a day have no write alias: every rollover would fail"
