"""The whole story on one screen: load, expand, lower, emit, check, verify, and what stands in the scratch folder."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import load, plugins
from llmmon.alertmanagerfile.doubts import base_problems
from llmmon.classes import field, frozen, mutable, replace
from llmmon.lower import lower_fleet, lower_service
from llmmon.lower.backend import with_jobs
from llmmon.lower.conditions import condition
from llmmon.lower.deploy import lower_deploy
from llmmon.lower.logs import port_conflicts
from llmmon.lower.outside import lower_blackbox
from llmmon.lower.prose import Line
from llmmon.lower.server import lower_servers
from llmmon.lower.tracing import with_services
from llmmon.lower.watched import watched
from llmmon.plan import Facts, Fleet, Service
from llmmon.problem import Level, Origin, Problem, Rejected, Unverified
from llmmon.source import reading, values
from llmmon.source.document import Document
from llmmon.target import Artifact, Written
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.preset import Data
    from llmmon.target import Target


_OF_THE_FLEET = {  # what a spec misses, and the part of the fleet's that would have it
    "unknown-team": "teams",
    "unknown-environment": "environments",
    "environment-label": "environments",
    "no-elasticsearch": "elasticsearch",
    "no-tracing": "tracing",
}


Watch = Callable[[Iterable[Service], int], Iterable[Service]]


@mutable
class Built:
    """What a run has made: files in the scratch folder, and everything that is to be said about them."""

    fleet: Fleet
    written: list[Written] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unverified: list[Unverified] = field(default_factory=list)
    partial: frozenset[str] | None = None  # the specs that were asked for, where it was not all of them

    @property
    def failed(self) -> bool:
        """Whether anything was found that must not be written."""
        return any(problem.level is Level.ERROR for problem in self.problems)


@frozen
class Specs:
    """All spec files, read and validated."""

    fleet: LoadedFleet
    services: tuple[LoadedService, ...]
    prose: Mapping[str, Mapping[str, Document]]  # service -> alert -> its runbook's own words
    asked: frozenset[str] | None
    problems: tuple[Problem, ...]


def read(inputs: Sequence[Path], whole: bool = False) -> Specs:
    """Every spec below the inputs; a single file gets the fleet of its folder. Rejected where there is no fleet.

    `whole` says that the files among the inputs are all there are, as a folder's are.
    """
    files, missing = load.find(inputs)
    problems = [
        _usage(path, "does not exist: name a spec file, or the folder of all specs; `llmmon init` begins one")
        for path in missing
    ]
    given = None if whole or any(path.is_dir() for path in inputs) else frozenset(_shown(path) for path in files)
    if given is not None:
        files = _with_fleet(files)
    parsed = [(data, document) for data, document in _parsed(files, problems) if data is not None]
    root = _root([document for data, document in parsed if load.is_fleet(data)])
    fleets: list[LoadedFleet] = []
    services: list[LoadedService] = []
    asked: set[str] = set()
    for data, document in parsed:
        document = replace(document, name=_name(document, root))
        if load.is_fleet(data):
            fleet, found = load.fleet(data, document)
            fleets += [fleet] if fleet else []
            problems += found or _second_fleet(fleets, document)
        else:
            loaded, found = load.services(data, document)
            services += loaded
            problems += found
            asked.add(document.owner)
    problems += _twice(services)
    prose, found = _prose(files, root)
    problems += found
    if not fleets:
        if not any(problem.level is Level.ERROR for problem in problems):
            problems.append(
                _usage(
                    inputs[0] if inputs else Path(),
                    "holds no fleet: write `fleet: NAME` in fleet.yaml, or let `llmmon init` begin",
                )
            )
        raise Rejected(problems)
    if given is None and not problems:
        problems += _nobody(prose, {loaded.name for loaded in services})
    if given is not None and not asked and not problems:
        message = "the fleet's own files follow from all specs: name the folder, or the spec of a service"
        raise Rejected([Problem(fleets[0].origin("fleet"), message, "input")])
    return Specs(fleets[0], tuple(services), prose, None if given is None else frozenset(asked), tuple(problems))


def build(
    specs: Specs,
    scratch: Path,
    environ: Mapping[str, str] = os.environ,
    verify: bool = True,
    watch: Watch = lambda services, _: services,
) -> Built:
    """Lower, emit into the scratch folder, check, and ask the real tools. Rejected where the fleet does not lower.

    `watch` gets the services as they come and how many there will be; it may show how far we are.
    """
    fleet, problems = planned(specs)
    built = Built(fleet, problems=problems, partial=specs.asked)
    pipelines = []
    for service in watch(lowered(specs, fleet, built.problems), len(specs.services)):
        built.facts += facts(service)
        pipelines += [service.logs] if service.logs else []
        for target in plugins.targets():
            _emit_service(target, service, built, scratch)
    built.problems += port_conflicts(pipelines)
    built.problems += base_problems(fleet, built.facts)
    if not built.failed:
        for target in plugins.targets():
            for artifact in target.of_fleet(fleet, built.facts) if target.of_fleet else ():
                _write(artifact, built, scratch)
        for target in plugins.targets():
            for artifact in target.of_all(built.fleet, tuple(built.written), scratch) if target.of_all else ():
                _write(artifact, built, scratch)
    if verify and not built.failed:
        _verify(built, Tools(scratch, environ), scratch)
    return built


def planned(specs: Specs) -> tuple[Fleet, list[Problem]]:
    """The fleet's plan, and all that is wrong so far. Rejected where the fleet does not lower."""
    fleet, found = lower_fleet(specs.fleet)
    problems = [*specs.problems, *found, *_dependencies(specs.services, specs.asked is None)]
    if fleet is None:
        raise Rejected(problems)
    fleet = replace(
        fleet,
        origin=Origin(replace(specs.fleet.document, path=specs.fleet.document.owner)),
        services={loaded.name: loaded.spec.depends_on for loaded in specs.services},
        backend=with_jobs(fleet.backend, specs.services),
        tracing=with_services(fleet.tracing, specs.services),
        watched=tuple(
            watched(loaded, specs.fleet) for loaded in sorted(specs.services, key=lambda loaded: loaded.name)
        ),
        pipelines=tuple(sorted(loaded.name for loaded in specs.services if loaded.spec.logs)),
    )
    blackbox, found = lower_blackbox(specs.fleet, specs.services, fleet)
    problems += found
    fleet = replace(fleet, blackbox=blackbox)
    servers, found = lower_servers(specs.fleet, specs.services, fleet)
    problems += found
    fleet = replace(fleet, servers=servers)
    deploy, found = lower_deploy(specs.fleet, specs.services, fleet)
    return replace(fleet, deploy=deploy), [*problems, *found]


def expired(specs: Specs, today: date) -> Iterator[Problem]:
    """Alerts whose `until` has passed. A reminder for `check`: the day changes no byte of what is generated."""
    for loaded in specs.services:
        for name, alert in loaded.spec.alerts.items():
            if alert.until and alert.until < today:
                what = "off" if alert.off else "written like this"
                message = f"{name} was to be {what} until {alert.until}, which has passed: remove it, or name a new day"
                yield Problem(loaded.origin("alerts", name, "until"), message, "until-passed", Level.WARNING)


def unwatched(specs: Specs) -> Iterator[Problem]:
    """A fleet whose silence nobody would notice; a user's own Alertmanager file may have a route of its own."""
    spec = specs.fleet.spec
    if not spec.watchdog and not spec.alertmanager.base and ("watchdog",) not in specs.fleet.broken:
        message = "nobody would notice that alerting has stopped: write watchdog: [{webhook: URL}] of a dead-man switch"
        yield Problem(specs.fleet.origin("fleet"), message, "no-watchdog", Level.WARNING)


def lowered(specs: Specs, fleet: Fleet, problems: list[Problem]) -> Iterator[Service]:
    """Each service's plan, one at a time: a fleet of thousands need not fit into memory."""
    unread = {part for part, *_ in specs.fleet.broken}  # what is wrong there has been said
    for loaded in specs.services:
        service, found = lower_service(loaded, fleet, specs.prose.get(loaded.name, {}))
        found = [problem for problem in found if _OF_THE_FLEET.get(problem.rule) not in unread]
        problems += [
            problem for problem in found if not (problem.origin.keys[:1] == ("every",) and problem in problems)
        ]
        if service:
            yield service


def facts(service: Service) -> Iterator[Facts]:
    """What routing, inhibition and the catalogue need to know of each alert."""
    for rules in service.rules:
        for alert in rules.alerts:
            labels = {"alertname": alert.name, **alert.labels}
            yield Facts(alert.id, labels, alert.carries, alert.origin, condition(alert), alert.hold)


def _emit_service(target: Target, service: Service, built: Built, scratch: Path) -> None:
    if target.of_service is None:
        return
    artifacts = list(target.of_service(built.fleet, service))
    if target.check:
        for found in target.check(built.fleet, service, artifacts):
            (built.unverified if isinstance(found, Unverified) else built.problems).append(found)  # type: ignore[arg-type]
    for artifact in artifacts:
        _write(artifact, built, scratch)


def _write(artifact: Artifact, built: Built, scratch: Path) -> None:
    path = scratch / artifact.path
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(artifact.text, encoding="utf-8", newline="\n")
    built.written.append(Written(artifact.path, artifact.origins, artifact.owner))


def _verify(built: Built, tools: Tools, scratch: Path) -> None:
    for target in plugins.targets():
        if target.verify is None:
            continue
        mine = [item for item in built.written if item.path.parts[0] == target.folder]
        for found in target.verify(built.fleet, built.facts, scratch, mine, tools):
            if isinstance(found, Unverified):
                built.unverified.append(found)
            else:
                built.problems.append(found)


def _with_fleet(files: list[Path]) -> list[Path]:
    """The files, and the fleet beside or above the first of them."""
    near = [folder / name for file in files[:1] for folder in file.absolute().parents for name in load.FLEET_FILES]
    fleet = next((path for path in near if path.exists()), None)
    if fleet is None or any(path.absolute() == fleet for path in files):
        return files
    return [Path(os.path.relpath(fleet)), *files]


def _parsed(files: Iterable[Path], problems: list[Problem]) -> Iterator[tuple[Data | None, Document]]:
    for path in files:
        document, found = reading.read(path, _shown(path))
        data = None
        if not found:
            data, found = values.parse(document)
        problems += found
        yield data, document


def _root(fleets: Sequence[Document]) -> Path:
    """The folder above `specs/`, or the one that holds the fleet's file where that has another name."""
    if not fleets:
        return Path.cwd()
    folder = Path(fleets[0].path).absolute().parent
    return folder.parent if folder.name == "specs" else folder


def _name(document: Document, root: Path) -> str:
    return Path(os.path.relpath(Path(document.path).absolute(), root)).as_posix()


def _prose(files: Iterable[Path], root: Path) -> tuple[dict[str, dict[str, Document]], list[Problem]]:
    """`runbooks/<service>/<Alert>.md` beside the specs."""
    out: dict[str, dict[str, Document]] = {}
    problems: list[Problem] = []
    for folder in sorted({file.parent / "runbooks" for file in files}):
        for path in sorted(folder.glob("*/*.md")):
            document, found = reading.read(path, _shown(path))
            problems += found
            out.setdefault(path.parent.name, {})[path.stem] = replace(document, name=_name(document, root))
    return out, problems


def _nobody(prose: Mapping[str, Mapping[str, Document]], services: AbstractSet[str]) -> Iterator[Problem]:
    for name in sorted(prose.keys() - services):
        near = difflib.get_close_matches(name, services, 1)
        hint = f"did you mean {near[0]!r}?" if near else "remove the folder"
        message = f"there is no service {name!r}, so no page shows this: {hint}"
        page = next(iter(prose[name].values()))
        yield Problem(Origin(Line(page.path, page.text, 1)), message, "prose-service", Level.WARNING)


def _shown(path: Path) -> str:
    """A path as messages name it: seen from here, where it is below."""
    here = path.absolute()
    base = Path.cwd()
    return here.relative_to(base).as_posix() if here.is_relative_to(base) else path.as_posix()


def _twice(services: Sequence[LoadedService]) -> Iterator[Problem]:
    first: dict[str, LoadedService] = {}
    for loaded in services:
        other = first.setdefault(loaded.name, loaded)
        if other is not loaded:
            message = f"a service {loaded.name!r} exists already ({other.origin()}): rename one of them"
            yield Problem(loaded.origin(), message, "duplicate-service", related=(other.origin(),))


def _second_fleet(fleets: Sequence[LoadedFleet], document: Document) -> list[Problem]:
    if len(fleets) < 2:
        return []
    message = f"there is a fleet already, in {fleets[0].document.path}: keep one"
    return [Problem(Origin(document, ("fleet",)), message, "second-fleet")]


def _dependencies(services: Sequence[LoadedService], whole: bool = True) -> Iterator[Problem]:
    names = {loaded.name for loaded in services}
    for loaded in services:
        for index, name in enumerate(loaded.spec.depends_on):
            if name == loaded.name:
                message = f"{name} cannot depend on itself: remove it"
                yield Problem(loaded.origin("depends_on", index), message, "unknown-service")
            elif name not in names and whole:  # else it may be in a spec that was not asked for
                near = difflib.get_close_matches(name, names - {loaded.name}, 1)
                hint = f"did you mean {near[0]!r}?" if near else "it is in no spec"
                yield Problem(
                    loaded.origin("depends_on", index), f"unknown service {name!r}: {hint}", "unknown-service"
                )


def _usage(path: Path, message: str) -> Problem:
    document = Document(_shown(path), "")
    return Problem(Origin(document), message, "input")
