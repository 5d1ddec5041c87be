"""Prometheus: recording and alerting rules, one file per service and environment, judged by promtool."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import dump, duration, promql
from llmmon.plan import Alert, Recording
from llmmon.plan.fleet import SEVERITIES
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

WATCHDOG = "Watchdog"
WIDTH = 100  # columns of an expression before it is broken over lines

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
        groups = [_group(group) for group in rules.groups]
        yield Artifact(
            path, dump.yaml_text({"groups": groups}, _notice(service.spec)), _origins(rules.groups), service.spec
        )


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`prometheus/rules/<environment>/watchdog.yaml`: an alert that always fires, so that silence is news."""
    del facts
    owner = fleet.origin.document.path
    for environment in fleet.environments:
        path = PurePosixPath("prometheus/rules", environment.name, "watchdog.yaml")
        rule = {
            "alert": WATCHDOG,
            "expr": "vector(1)",
            "labels": watchdog_labels(fleet, environment.name),
            "annotations": {
                "summary": "Alerting works",
                "description": "This alert always fires; who receives it should notice when it stops.",
                "runbook_url": fleet.runbooks.replace("{service}", fleet.name).replace("{alert}", WATCHDOG),
            },
        }
        groups = {"groups": [{"name": f"{fleet.name}.{environment.name}.meta", "rules": [rule]}]}
        yield Artifact(path, dump.yaml_text(groups, _notice(owner)), {(): fleet.origin}, owner)


def watchdog_labels(fleet: Fleet, environment: str) -> dict[str, str]:
    """The labels of the Watchdog; the fleet stands in for a service."""
    severity = fleet.severities[SEVERITIES[-1]]
    return {"severity": severity, "category": "meta", "service": fleet.name, "environment": environment}


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


def _group(group: Group) -> dict[str, Any]:
    out: dict[str, Any] = {"name": group.name}
    if group.interval:
        out["interval"] = duration.text(group.interval)
    out["rules"] = [_alert(rule) if isinstance(rule, Alert) else _recording(rule) for rule in group.rules]
    return out


def _recording(rule: Recording) -> dict[str, Any]:
    return {"record": rule.name, "expr": promql.pretty(rule.expr, WIDTH), "labels": dict(rule.labels)}


def _alert(rule: Alert) -> dict[str, Any]:
    out: dict[str, Any] = {"alert": rule.name, "expr": promql.pretty(rule.expr, WIDTH)}
    if rule.hold:
        out["for"] = duration.text(rule.hold)
    if rule.keep:
        out["keep_firing_for"] = duration.text(rule.keep)
    return out | {"labels": dict(rule.labels), "annotations": dict(rule.annotations)}


def _origins(groups: Sequence[Group]) -> dict[Keys, Origin]:
    out: dict[Keys, Origin] = {(): groups[0].origin}
    for group in groups:
        out[(group.name,)] = group.origin
        out.update({(group.name, index): rule.origin for index, rule in enumerate(group.rules)})
    return out


def _notice(owner: str) -> str:
    return f"Generated by llmmon from {owner}. Edits are lost."


TARGET = Target("prometheus", of_service, of_fleet, None, verify, ("promtool",))
