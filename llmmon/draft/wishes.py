"""What somebody wants of `llmmon init` becomes files, or every mistake in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmmon.catalogue import fetch, page
from llmmon.catalogue import version as versions
from llmmon.classes import field, frozen, mutable
from llmmon.draft import drafts, files, mistakes, names, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmmon.catalogue import Version
    from llmmon.draft.drafts import Draft
    from llmmon.draft.mistakes import Wishes

TEAM = "platform"  # where nobody says
FLEET = "llm"


@frozen
class File:
    """A file that is to be written."""

    path: Path
    text: str
    story: str


@mutable
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
    made.wrong(mistakes.of_options(wishes, directory))
    if found is None:
        found, unreadable = ([], []) if made.usage and wishes.presets else find(wishes)
        made.mistakes += unreadable
    made.wrong(mistakes.of_several(wishes, found))
    called = wishes.service or name(wishes, found)
    placed = [(draft, _place(wishes, draft, called, directory, len(found) > 1)) for draft in found]
    if str(wishes.out) != "-" and names.is_name(called) and (found or wishes.service):
        services = [place.name for _, place in placed] or [called]
        made.mistakes += mistakes.in_the_way(_target(wishes, called), services, directory, wishes.force)
    if not made.mistakes:
        _write_all(wishes, called, placed, directory, made)
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


def _write_all(
    wishes: Wishes, called: str, placed: list[tuple[Draft, text.Place]], directory: files.Folder, made: Made
) -> None:
    found = [draft for draft, _ in placed]
    source = names.shown(wishes.where) if wishes.where else f"presets {', '.join(wishes.presets)}"
    team = placed[0][1].team
    if directory.fleet is None and str(wishes.out) != "-":
        story = "new: who is told, with #alerts and secrets as placeholders"
        port = names.of_port(wishes.where) if wishes.where and wishes.laptop and len(found) == 1 else None
        fleet = text.fleet(FLEET, team, {called: port} if port else None)
        made.files.append(File(folder(wishes) / "fleet.yaml", fleet, story))
    written = text.service(*placed[0], source) if len(placed) == 1 else text.system(called, team, placed, source)
    target = _target(wishes, called)
    story = f"{'replaced' if target.exists() else 'new'}: {written.count(chr(10))} lines, {_summary(found)}"
    made.files.append(File(target, written, story))
    made.services = tuple(place.name for _, place in placed)
    made.notes += [used.assumed for draft in found for used in draft.uses if used.assumed]


def _target(wishes: Wishes, called: str) -> Path:
    return folder(wishes) / f"{called}.yaml"


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


def _summary(found: Iterable[Draft]) -> str:
    """What will be watched, in a few words."""
    kinds = [
        f"{used.name} {versions.show(used.version)}" if used.version else used.name
        for draft in found
        for used in draft.uses
    ]
    return ", ".join(kinds) or "metrics that no catalogue knows"
