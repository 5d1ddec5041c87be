"""PrometheusRule and VMRule: the groups of a rule file in objects that the operators take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmmon.targets.operator.objects import of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan.operator import Operator

KINDS = ("PrometheusRule", "VMRule")
# prometheus-operator 0.93, pkg/operator/rules.go: an object's groups must fit into half a ConfigMap, 524,288 bytes as
# YAML, whose indentation makes it up to a quarter longer than JSON. The API server's own limit is beyond 1 MiB.
LARGEST = 400_000  # bytes as JSON


def rule_objects(operator: Operator, kind: str, name: str, groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One object, or as many as keep each of them small enough; a group is never split."""
    parts = list(_parts(groups))
    names = [name, *(f"{name}.{number}" for number in range(2, len(parts) + 1))]
    return [of_kind(operator, kind, each, {"spec": {"groups": part}}) for each, part in zip(names, parts, strict=True)]


def size(groups: Sequence[Mapping[str, Any]]) -> int:
    """Bytes of these groups as JSON."""
    return len(json.dumps(groups, ensure_ascii=False).encode("utf-8", "replace"))


def _parts(groups: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    filled = 0
    for group in groups:
        bytes_here = size([group])
        if part and filled + bytes_here > LARGEST:
            yield part
            part, filled = [], 0
        part.append(group)
        filled += bytes_here
    if part:
        yield part
