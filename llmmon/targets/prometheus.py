"""Prometheus: recording and alerting rules, one file per service and environment, judged by promtool."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon import dump, rulefile
from llmmon.plan.backend import Mimir
from llmmon.problem import Unverified
from llmmon.promtool import check_rules
from llmmon.target import Artifact, Target
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet, Group, Service
    from llmmon.problem import Keys, Origin, Problem
    from llmmon.target import Written
    from llmmon.tool import Tools

_DOTTED = re.compile(r'[{(,]\s*"[A-Za-z_]\w*\.[\w.]+"')  # {"gen_ai.server.request.duration_count"}


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`prometheus/rules/<environment>/<service>.yaml`; where an engine evaluates some of them, all of them again in
    `prometheus/plain/`, which promtool tests and nobody loads."""
    del fleet
    for rules in service.rules:
        for folder, groups in (("rules", rules.local), ("plain", rules.groups if rules.central else ())):
            if groups:
                path = PurePosixPath("prometheus", folder, rules.environment, f"{service.name}.yaml")
                value = {"groups": [rulefile.group(group) for group in groups]}
                text = dump.yaml_text(value, dump.notice(service.spec))
                yield Artifact(path, text, _origins(groups), service.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`prometheus/rules/<environment>/watchdog.yaml`: an alert that always fires, so that silence is news."""
    del facts
    owner = fleet.origin.document.path
    for environment in fleet.environments:
        if isinstance(fleet.backend, Mimir):
            continue  # its own ruler has one
        path = PurePosixPath("prometheus/rules", environment.name, "watchdog.yaml")
        groups = {"groups": [rulefile.watchdog(fleet, environment.name)]}
        yield Artifact(path, dump.yaml_text(groups, dump.notice(owner)), {(): fleet.origin}, owner)


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """`promtool check rules --lint=all --lint-fatal`, one call for all files that it can read."""
    del fleet, facts
    found = tools.find("promtool")
    if isinstance(found, Missing):
        yield Unverified("Prometheus rules", found.hint)
        return
    files = {item.path: item for item in written if item.path.parts[1] in ("rules", "plain")}
    if found.version and found.version < (3,):
        dotted = {path for path in files if _DOTTED.search((scratch / path).read_text("utf-8"))}
        if dotted:
            what = f"Prometheus rules with names that have dots, {', '.join(map(str, sorted(dotted)))}"
            yield Unverified(what, f"promtool {'.'.join(map(str, found.version))} does not read them: 3 and newer do")
        files = {path: item for path, item in files.items() if path not in dotted}
    yield from check_rules(files, tools)


def _origins(groups: Sequence[Group]) -> dict[Keys, Origin]:
    out: dict[Keys, Origin] = {(): groups[0].origin}
    for group in groups:
        out[(group.name,)] = group.origin
        out.update({(group.name, index): rule.origin for index, rule in enumerate(group.rules)})
    return out


TARGET = Target("prometheus", of_service, of_fleet, None, verify, ("promtool",))
