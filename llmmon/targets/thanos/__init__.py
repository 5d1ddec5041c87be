"""Thanos: what its rulers evaluate, the flags and files of sidecar, rulers, querier and frontend, and which rule runs
where and why.

A service's rules are in one ruler: which one follows from its name and the number of rulers alone.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from llmmon import duration, rulefile
from llmmon.dump import notice, yaml_text
from llmmon.plan.backend import Thanos
from llmmon.target import Artifact, Target
from llmmon.targets.thanos.flags import commands, files
from llmmon.targets.thanos.judge import FOLDER, PLACEMENT, RULES, verify
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet, Group, Service
    from llmmon.problem import Keys, Origin


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`thanos/rules/<ruler>/<environment>/<service>.yaml`, and `thanos/placement/<service>.md`."""
    backend = fleet.backend
    if not isinstance(backend, Thanos):
        return
    ruler = str(shard(service.name, backend.shards))
    for rules in service.rules:
        groups = [central.group for central in rules.central]
        if groups:
            path = RULES / ruler / rules.environment / f"{service.name}.yaml"
            value = {"groups": [_group(group, backend) for group in groups]}
            yield Artifact(path, yaml_text(value, notice(service.spec)), _origins(groups), service.spec)
    text = render(
        "thanos/placement.md.j2",
        notice=notice(service.spec),
        service=service,
        ruler=ruler,
        kept=duration.text(backend.retention),
        text=duration.text,
    )
    yield Artifact(PLACEMENT / f"{service.name}.md", text, {(): service.origin}, service.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """What starts Thanos's programs: a file of flags for each, and the files that these name."""
    del facts
    backend = fleet.backend
    if not isinstance(backend, Thanos) or fleet.servers is None:
        return
    owner = fleet.origin.document.path
    said = notice(owner)
    origins: dict[Keys, Origin] = {(): backend.origin}
    for program, flags in commands(fleet, backend):
        text = "".join(f"{line}\n" for line in (f"# {said}", *flags))
        yield Artifact(FOLDER / f"{program}.flags.txt", text, origins, owner)
    for name, value in files(backend, fleet.servers):
        yield Artifact(FOLDER / name, yaml_text(value, said), origins, owner)


def shard(service: str, shards: int) -> int:
    """The ruler of a service: the same in every run and on every machine."""
    return int.from_bytes(hashlib.sha256(service.encode()).digest()[:8]) % shards


def _group(group: Group, backend: Thanos) -> dict[str, Any]:
    written = rulefile.group(group)
    rules = written.pop("rules")
    return {**written, "partial_response_strategy": backend.partial, "rules": rules}


def _origins(groups: Sequence[Group]) -> dict[Keys, Origin]:
    out: dict[Keys, Origin] = {(): groups[0].origin}
    for group in groups:
        out[(group.name,)] = group.origin
        out.update({(group.name, index): rule.origin for index, rule in enumerate(group.rules)})
    return out


TARGET = Target("thanos", of_service, of_fleet, None, verify, ("promtool", "thanos"))
