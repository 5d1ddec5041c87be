"""Asks amtool: does the configuration load, and does each alert reach the receivers that the spec promises it?"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.dump import yaml_text
from llmmon.inhibition import inhibitions, prove
from llmmon.plan.service import Facts
from llmmon.problem import Level, Problem, Unverified
from llmmon.routing import WATCHDOG_ALERT, promised, quoted, routes, walk, watched
from llmmon.source.composer import LOADER
from llmmon.targets.alertmanager.distinct import distinct
from llmmon.targets.alertmanager.projection import project
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Fleet
    from llmmon.problem import Keys, Origin
    from llmmon.target import Written
    from llmmon.tool import Ran, Tools

CONFIG = PurePosixPath("alertmanager/alertmanager.yml")
TEMPLATES = PurePosixPath("alertmanager/templates/llmmon.tmpl")
PROJECTION = CONFIG.with_name(".projection.yml")
OLDEST = (0, 25)  # time intervals with a zone, and keys and passwords by file

_CHATTER = re.compile(r"Checking '.*'  SUCCESS|Found:| - .*|  SUCCESS|amtool: error: failed to validate .*|\s*")
_OVERRIDES = "Warning: --config.file flag overrides the --alertmanager.url."
_FAILED = re.compile(r"(?:Checking '.*')?  FAILED: (.*)")
_LINE = re.compile(r"\bline (\d+): ")


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """The inhibitions' proof, then amtool's word on the file and on each distinct set of routing labels."""
    known = tuple(facts)
    yield from prove(fleet, inhibitions(fleet, known), known)
    yield from _too_old(fleet)
    config = next((file for file in written if file.path == CONFIG), None)
    if config is None:
        return
    found = tools.find("amtool")
    if isinstance(found, Missing):
        yield Unverified(str(CONFIG), found.hint)
        return
    value = yaml.load((scratch / CONFIG).read_text("utf-8"), Loader=LOADER)  # noqa: S506
    path, unseen = _projected(fleet, value, found.version or fleet.versions["alertmanager"], scratch)
    why = f"{found.version_text} is older than the fleet's Alertmanager; name a newer one in LLMMON_AMTOOL"
    yield from (Unverified(f"{CONFIG}: {what}", why) for what in unseen)
    problems = list(_checked(tools.run("amtool", ("check-config", path)), scratch / path, written, config))
    yield from problems
    if all(problem.level < Level.ERROR for problem in problems):
        yield from _delivered(fleet, known, value, path, tools, config)


def _too_old(fleet: Fleet) -> Iterator[Problem]:
    if fleet.versions["alertmanager"] < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        message = f"llmmon writes for Alertmanager {oldest} and newer: raise `versions: {{alertmanager: ...}}`"
        intervals = (i for route in walk(routes(fleet)) for i in (route.active, route.quiet) if i)
        origin = next((interval.origin for interval in intervals), fleet.origin)
        yield Problem(origin, message, "alertmanager-too-old")


def _projected(
    fleet: Fleet, value: Mapping[str, Any], version: tuple[int, ...], scratch: Path
) -> tuple[PurePosixPath, list[str]]:
    if version[:2] >= fleet.versions["alertmanager"][:2]:
        return CONFIG, []
    projection, unseen = project(value, version)
    if not unseen:
        return CONFIG, []
    (scratch / PROJECTION).write_text(yaml_text(projection, f"What amtool {version} can read of {CONFIG}."), "utf-8")
    return PROJECTION, unseen


# The file


def _checked(ran: Ran, path: Path, written: Sequence[Written], config: Written) -> Iterator[Problem]:
    templates = next((file for file in written if file.path == TEMPLATES), config)
    failing: Written | None = None
    for line in (*ran.stdout.splitlines(), *ran.stderr.splitlines()):
        if failed := _FAILED.fullmatch(line):
            failing = config if line.startswith("Checking") else templates
            if not failed[1].endswith("unmarshal errors:"):
                yield _said(failed[1], path, failing)
        elif failing and line.startswith("  line "):
            yield _said(line.strip(), path, failing)
        elif not _CHATTER.fullmatch(line):
            yield _said(line, path, config, Level.ERROR if ran.code else Level.WARNING)
    if ran.code and failing is None:
        yield _said(f"exit code {ran.code}", path, config)


def _said(text: str, path: Path, file: Written, level: Level = Level.ERROR) -> Problem:
    line = _LINE.search(text)
    keys = _keys(path.read_text("utf-8"), int(line[1])) if line and file.path == CONFIG else ()
    return Problem(_origin(file, keys), f"amtool check-config on {file.path}: {text}", "amtool", level)


def _keys(text: str, line: int) -> Keys:
    """The way to what stands on a line, counted from 1."""
    node = yaml.compose(text, Loader=LOADER)
    keys: Keys = ()
    while True:
        if isinstance(node, yaml.MappingNode):
            inside = [(key.value, key.start_mark.line, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            inside = [(index, value.start_mark.line, value) for index, value in enumerate(node.value)]
        else:
            return keys
        above = [(key, value) for key, start, value in inside if start < line]
        if not above:
            return keys
        keys, node = (*keys, above[-1][0]), above[-1][1]


def _origin(file: Written, keys: Keys) -> Origin:
    found = (file.origins[keys[:size]] for size in range(len(keys), -1, -1) if keys[:size] in file.origins)
    return next(found)


# The routes


def _delivered(
    fleet: Fleet, facts: Iterable[Facts], config: Mapping[str, Any], path: PurePosixPath, tools: Tools, file: Written
) -> Iterator[Problem]:
    known = [*_always(fleet), *facts]
    with ThreadPoolExecutor(2) as pool:
        groups = distinct(config["route"], known)
        for group, ran in zip(groups, pool.map(lambda group: _ask(fleet, group[0], path, tools), groups), strict=True):
            yield from _judged(fleet, group, ran, file)


def _always(fleet: Fleet) -> Iterator[Facts]:
    """Alerts that exist without a spec; where the root is the user's own, it is his who gets what no team takes."""
    if watched(fleet):
        yield Facts(WATCHDOG_ALERT, {"alertname": WATCHDOG_ALERT}, frozenset(), fleet.origin)
    if fleet.base is None:
        yield Facts("an alert of no team", {"alertname": "OfNoTeam"}, frozenset(), fleet.origin)


def _ask(fleet: Fleet, alert: Facts, path: PurePosixPath, tools: Tools) -> Ran:
    labels = [f"{label}={quoted(value)}" for label, value in sorted(alert.labels.items())]
    wanted = () if fleet.base is not None else (f"--verify.receivers={','.join(promised(fleet, alert.labels))}",)
    return tools.run("amtool", ("config", "routes", "test", "--config.file", path, *wanted, *labels))


def _judged(fleet: Fleet, group: Sequence[Facts], ran: Ran, file: Written) -> Iterator[Problem]:
    alert, wanted = group[0], promised(fleet, group[0].labels)
    lines = ran.stdout.splitlines()
    got = lines[0].split(",") if lines else []
    reached = set(wanted) <= set(got) if fleet.base is not None else ",".join(wanted) == ",".join(got)
    if reached and ran.code == 0 and not ran.stderr.replace(_OVERRIDES, "").strip():
        return
    if reached or not lines:
        said = " ".join(f"{ran.stdout} {ran.stderr}".split()) or f"exit code {ran.code}"
        yield Problem(_origin(file, ()), f"amtool config routes test on {file.path}, `{alert.id}`: {said}", "amtool")
        return
    more = f", as are {len(group) - 1} more with such labels" if len(group) > 1 else ""
    message = f"`{alert.id}` is promised to {', '.join(wanted)}, but Alertmanager tells {', '.join(got)}{more}"
    yield Problem(alert.origin, message, "not-delivered")
