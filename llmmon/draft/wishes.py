"""What somebody wants of `llmmon init` becomes files, or every mistake in it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmmon import catalogue, preset
from llmmon.catalogue import fetch, page
from llmmon.catalogue import version as versions
from llmmon.draft import drafts, files, names, text
from llmmon.draft.fitting import wants_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.catalogue import Version
    from llmmon.draft.drafts import Draft

TEAM = "platform"  # where nobody says
FLEET = "llm"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options, as they were written."""

    where: str | None = None
    presets: tuple[str, ...] = ()
    service: str | None = None
    team: str | None = None
    job: str | None = None
    namespace: str | None = None
    workload: str | None = None
    out: Path = Path("specs")
    laptop: bool = False
    force: bool = False
    bearer: Path | None = None
    timeout: float = fetch.TIMEOUT


@dataclass(frozen=True, slots=True)
class File:
    """A file that is to be written."""

    path: Path
    text: str
    story: str


@dataclass(slots=True)
class Made:
    """Files, the spec last; or what is wrong."""

    files: list[File] = field(default_factory=list)
    services: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    usage: bool = False  # whether the command line itself is wrong, not only what it leads to

    def wrong(self, messages: Iterable[str]) -> None:
        """Mistakes of the command line."""
        found = list(messages)
        self.mistakes += found
        self.usage = self.usage or bool(found)


def find(wishes: Wishes) -> tuple[list[Draft], list[str]]:
    """The services at the place that was named, or of the presets; and why there are none."""
    if wishes.where is None:
        return drafts.of_presets(map(_parsed, dict.fromkeys(wishes.presets))), []
    try:
        return drafts.of_page(page.read(fetch.fetch(wishes.where, wishes.bearer, wishes.timeout))), []
    except page.Unreadable as error:
        return [], [text.printable(str(error))]


def grant(wishes: Wishes, found: Sequence[Draft] | None = None) -> Made:
    """The files for what was wished for; every mistake in one run. `found` is what `find` gave, where it was asked."""
    made = Made()
    directory = files.look(folder(wishes))
    made.wrong(_wrong_names(wishes))
    made.wrong(wrong_team(wishes.team, directory))
    if wishes.laptop and directory.fleet:
        made.wrong([f"--laptop is for a new fleet, and {directory.fleet} exists: write deploy: {{compose: ...}} there"])
    made.wrong(message for written in wishes.presets if (message := preset_mistake(written, wishes.namespace)))
    if found is None:
        found, mistakes = ([], []) if made.usage and wishes.presets else find(wishes)
        made.mistakes += mistakes
    made.wrong(_wrong_for_many(wishes, found))
    if found:
        _place_all(wishes, found, directory, made)
    elif wishes.service and str(wishes.out) != "-":
        made.mistakes += _in_the_way(
            directory.path / f"{wishes.service}.yaml", [wishes.service], directory, wishes.force
        )
    return made


def folder(wishes: Wishes) -> Path:
    """Where the specs are; also where one is only printed."""
    return Path("specs") if str(wishes.out) == "-" else wishes.out


def name(wishes: Wishes, found: Sequence[Draft]) -> str:
    """What nobody has named: after its address, after what it is, after its file, in this order."""
    kinds = [draft.name for draft in found if draft.name]
    placed = names.of_place(wishes.where) if wishes.where else ""
    is_file = wishes.where is not None and not names.is_url(wishes.where)
    kind = names.near("-".join(kinds))
    return (kind or placed if is_file else placed or kind) or "app"


def _place_all(wishes: Wishes, found: Sequence[Draft], directory: files.Folder, made: Made) -> None:
    called = wishes.service or name(wishes, found)
    placed = [(draft, _place(wishes, draft, called, directory, len(found) > 1)) for draft in found]
    target = folder(wishes) / f"{called}.yaml"
    printing = str(wishes.out) == "-"
    if not printing:
        made.mistakes += _in_the_way(target, [place.name for _, place in placed], directory, wishes.force)
    if made.mistakes:
        return
    source = names.shown(wishes.where) if wishes.where else f"presets {', '.join(wishes.presets)}"
    team = placed[0][1].team
    if directory.fleet is None and not printing:
        story = "new: who is told, with #alerts and secrets as placeholders"
        port = names.of_port(wishes.where) if wishes.where and wishes.laptop and len(found) == 1 else None
        fleet = text.fleet(FLEET, team, {called: port} if port else None)
        made.files.append(File(folder(wishes) / "fleet.yaml", fleet, story))
    written = text.service(*placed[0], source) if len(placed) == 1 else text.system(called, team, placed, source)
    story = f"{'replaced' if target.exists() else 'new'}: {written.count(chr(10))} lines, {_summary(found)}"
    made.files.append(File(target, written, story))
    made.services = tuple(place.name for _, place in placed)
    made.notes += [used.words for draft in found for used in draft.uses if _is_assumed(used)]


def preset_mistake(written: str, namespace: str | None) -> str | None:
    """What is wrong with `NAME[@VERSION]`; None where nothing is."""
    name, at, version = written.partition("@")
    known = sorted({*preset.names(), *catalogue.names()} - {preset.ALWAYS})
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        return f"unknown preset {name!r}: {hint}"
    if at and versions.parse(version) is None:
        return f"{version!r} is no version of {name}: write one such as {name}@0.19"
    owner = preset.load(name).versioned
    if at and (owner is None or catalogue.read(owner).default is None):
        return f"{name} has no versions: write {name} alone"
    if not namespace and wants_workload(name):
        return f"{name} watches what Kubernetes runs: write --namespace too"
    return None


def name_mistake(what: str, written: str) -> str | None:
    """What is wrong with the name of a service, a team or a workload; None where nothing is."""
    if names.is_name(written):
        return None
    near = names.near(written)
    hint = f"write {near}" if near else "write one such as chat-gateway"
    return f"{what} {text.printable(repr(written))} is no name, which has a-z, 0-9 and -, at most 63: {hint}"


def _wrong_names(wishes: Wishes) -> Iterator[str]:
    said = {"--service": wishes.service, "--team": wishes.team, "--namespace": wishes.namespace}
    for option, written in {**said, "--workload": wishes.workload}.items():
        if written is not None and (message := name_mistake(option, written)):
            yield message
    if wishes.job is not None and not wishes.job.strip():
        yield "--job is empty: write the job_name of Prometheus's scrape configuration"
    if wishes.service == "fleet":
        yield "--service fleet would be the fleet's own file: write another name"
    if wishes.workload and not wishes.namespace:
        yield f"--workload {wishes.workload} is in no namespace: write --namespace too"
    if wishes.laptop and not (wishes.where and names.of_port(wishes.where)):
        yield "--laptop is for a server on this machine: write --from with its URL, such as http://localhost:8000/metrics"
    if wishes.where and wishes.presets:
        yield "--from recognises presets by itself: leave out --preset, or --from"


def wrong_team(team: str | None, folder: files.Folder) -> Iterator[str]:
    """What is wrong with a team that no fleet has, or with none where the fleet has several."""
    if not folder.teams:
        return
    teams = ", ".join(folder.teams)
    if team is None and len(folder.teams) > 1:
        yield f"{folder.fleet} has several teams: write --team with one of {teams}"
    elif team is not None and names.is_name(team) and team not in folder.teams:
        near = difflib.get_close_matches(team, folder.teams, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {teams}"
        yield f"--team {team!r} is not in {folder.fleet}: {hint}"


def _wrong_for_many(wishes: Wishes, found: Sequence[Draft]) -> Iterator[str]:
    for option, written in {"--job": wishes.job, "--workload": wishes.workload}.items():
        if written and len(found) > 1:
            what = ", ".join(draft.name for draft in found)
            yield f"{option} {written} names one, and these become {len(found)} services ({what}): leave it out"


def _parsed(written: str) -> tuple[str, Version | None]:
    name, _, version = written.partition("@")
    return name, versions.parse(version) if version else None


def _place(wishes: Wishes, draft: Draft, name: str, directory: files.Folder, several: bool) -> text.Place:
    team = wishes.team or (directory.teams[0] if directory.teams else TEAM)
    if several:
        own = f"{wishes.service}-{draft.name}"[:63].strip("-") if wishes.service else draft.name
        return text.Place(own, team, draft.name, wishes.namespace, draft.name)
    cluster = names.of_cluster(wishes.where) if wishes.where else None
    scrape = _scrape(wishes, name, directory) if wishes.laptop or directory.scrapes else None
    guessed = (cluster[1], cluster[0]) if cluster else ("default", "")
    return text.Place(name, team, wishes.job or name, wishes.namespace, wishes.workload, scrape, guessed)


def _scrape(wishes: Wishes, name: str, directory: files.Folder) -> dict[str, Any] | None:
    """How Prometheus asks what was asked here; of several environments nobody knows whose it is."""
    if not wishes.where or not names.is_url(wishes.where) or len(directory.environments) > 1:
        return None
    bearer = {"bearer": {"secret": f"{name}/token"}} if wishes.bearer else {}
    return {**names.of_target(wishes.where), **bearer}


def _in_the_way(target: Path, wanted: Iterable[str], directory: files.Folder, force: bool) -> Iterator[str]:
    if directory.path.exists() and not directory.path.is_dir():
        yield f"{directory.path} is a file: --out names a folder"
        return
    if target == directory.fleet:
        return  # which has been said
    if target.exists() and not force:
        yield f"{target} exists and is kept: write another --service, or --force to replace it"
    for name in wanted:
        other = directory.has(name)
        if other and other != target:
            yield f"a service {name!r} exists already, in {other}: write another --service"


def _is_assumed(used: drafts.Used) -> bool:
    return "its metrics are taken to be" in used.words


def _summary(found: Iterable[Draft]) -> str:
    """What will be watched, in a few words."""
    kinds = [
        f"{used.name} {versions.show(used.version)}" if used.version else used.name
        for draft in found
        for used in draft.uses
    ]
    return ", ".join(kinds) or "metrics that no catalogue knows"
