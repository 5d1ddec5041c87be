"""Prometheus: recording and alerting rules, one file per service and environment, judged by promtool."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon import dump, rulefile
from llmmon.problem import Origin, Problem, Unverified
from llmmon.target import Artifact, Target
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet, Group, Service
    from llmmon.problem import Keys
    from llmmon.target import Written
    from llmmon.tool import Tools

# `group "x", rule 3, "Name": ...` and `12:7: ...`, as promtool names places inside a rule file
_PLACE = re.compile(r'group "(?P<group>[^"]*)", rule (?P<rule>\d+)')
_FILE = re.compile(r"(?:^|\s)(?P<file>prometheus/rules/\S+?\.yaml)(?=[:\s]|$)")
_CHECKED = re.compile(r"^Checking (\S+)$(?!\s+SUCCESS)", re.MULTILINE)
_FAILED = re.compile(r"^\s*FAILED:$", re.MULTILINE)
_QUIET = re.compile(r"\s*(?:SUCCESS: \d+ rules? found|Checking .*|.*FAILED:?|)\s*\Z")


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`prometheus/rules/<environment>/<service>.yaml`."""
    del fleet
    for rules in service.rules:
        if not rules.groups:
            continue
        path = PurePosixPath("prometheus/rules", rules.environment, f"{service.name}.yaml")
        groups = [rulefile.group(group) for group in rules.groups]
        yield Artifact(
            path, dump.yaml_text({"groups": groups}, dump.notice(service.spec)), _origins(rules.groups), service.spec
        )


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`prometheus/rules/<environment>/watchdog.yaml`: an alert that always fires, so that silence is news."""
    del facts
    owner = fleet.origin.document.path
    for environment in fleet.environments:
        path = PurePosixPath("prometheus/rules", environment.name, "watchdog.yaml")
        groups = {"groups": [rulefile.watchdog(fleet, environment.name)]}
        yield Artifact(path, dump.yaml_text(groups, dump.notice(owner)), {(): fleet.origin}, owner)


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """`promtool check rules --lint=all --lint-fatal`, one call for all files."""
    del fleet, facts, scratch
    found = tools.find("promtool")
    if isinstance(found, Missing):
        yield Unverified("Prometheus rules", found.hint)
        return
    by_path = {str(item.path): item for item in written if item.path.parts[1] == "rules"}
    if not by_path:
        return
    ran = tools.run(
        "promtool", ["check", "rules", "--lint=all", "--lint-fatal", *(item.path for item in by_path.values())]
    )
    if ran.code == 0 and not ran.timed_out:
        return
    yield from _complaints(_in_order(ran.stdout, ran.stderr), by_path)


def _in_order(stdout: str, stderr: str) -> str:
    """promtool names each file on stdout; a bare FAILED: on stderr means the next of those that did not succeed."""
    failed = iter(_CHECKED.findall(stdout))
    return f"{stdout}\n" + _FAILED.sub(lambda _: f"Checking {next(failed, '')}", stderr)


def _complaints(output: str, by_path: dict[str, Written]) -> Iterator[Problem]:
    """Every line of promtool's that says something, at the rule that it names; none is dropped."""
    current: Written | None = None
    said = False
    for line in output.splitlines():
        if named := _FILE.search(line):
            current = by_path.get(named["file"], current)
        if _QUIET.match(line) or (named and line.strip() == f"{named['file']}:"):
            continue
        said = True
        yield Problem(_origin(line, current, by_path), f"promtool: {_shorter(line)}", "promtool")
    if not said:
        first = next(iter(by_path.values()))
        yield Problem(_origin("", first, by_path), "promtool failed and said nothing", "promtool")


def _origin(line: str, current: Written | None, by_path: dict[str, Written]) -> Origin:
    item = current or next(iter(by_path.values()))
    keys: Keys = ()
    if place := _PLACE.search(line):
        keys = (place["group"], int(place["rule"]) - 1)
    while keys and keys not in item.origins:
        keys = keys[:-1]
    return item.origins[keys]


def _shorter(line: str) -> str:
    return _FILE.sub("", line).strip(" :")


def _origins(groups: Sequence[Group]) -> dict[Keys, Origin]:
    out: dict[Keys, Origin] = {(): groups[0].origin}
    for group in groups:
        out[(group.name,)] = group.origin
        out.update({(group.name, index): rule.origin for index, rule in enumerate(group.rules)})
    return out


TARGET = Target("prometheus", of_service, of_fleet, None, verify, ("promtool",))
