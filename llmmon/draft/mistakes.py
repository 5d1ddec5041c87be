"""What is wrong with what somebody wants of `llmmon init`: every mistake has a message, and says what to write."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import catalogue, preset
from llmmon.catalogue import fetch
from llmmon.catalogue import version as versions
from llmmon.classes import frozen
from llmmon.draft import names, text
from llmmon.draft.fitting import wants_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.draft.drafts import Draft
    from llmmon.draft.files import Folder


@frozen
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


def of_options(wishes: Wishes, directory: Folder) -> Iterator[str]:
    """What is wrong with the command line, as far as it can be said before anything is read."""
    yield from _names(wishes)
    yield from of_team(wishes.team, directory)
    yield from _laptop(wishes, directory)
    yield from (message for written in wishes.presets if (message := of_preset(written, wishes.namespace)))
    named = Counter(written.partition("@")[0] for written in wishes.presets)
    yield from (f"--preset {name} is given {count} times: keep one" for name, count in named.items() if count > 1)


def of_preset(written: str, namespace: str | None) -> str | None:
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


def of_name(what: str, written: str) -> str | None:
    """What is wrong with the name of a service, a team or a workload; None where nothing is."""
    if names.is_name(written):
        return None
    near = names.near(written)
    hint = f"write {near}" if near else "write one such as chat-gateway"
    return f"{what} {text.printable(repr(written))} is no name, which has a-z, 0-9 and -, at most 63: {hint}"


def of_team(team: str | None, directory: Folder) -> Iterator[str]:
    """What is wrong with a team that no fleet has, or with none where the fleet has several."""
    if not directory.teams:
        return
    teams = ", ".join(directory.teams)
    if team is None and len(directory.teams) > 1:
        yield f"{directory.fleet} has several teams: write --team with one of {teams}"
    elif team is not None and names.is_name(team) and team not in directory.teams:
        near = difflib.get_close_matches(team, directory.teams, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {teams}"
        yield f"--team {team!r} is not in {directory.fleet}: {hint}"


def of_several(wishes: Wishes, found: Sequence[Draft]) -> Iterator[str]:
    """What names one service where there are several."""
    for option, written in {"--job": wishes.job, "--workload": wishes.workload}.items():
        if written and len(found) > 1:
            what = ", ".join(draft.name for draft in found)
            yield f"{option} {written} names one, and these become {len(found)} services ({what}): leave it out"


def in_the_way(target: Path, wanted: Iterable[str], directory: Folder, force: bool) -> Iterator[str]:
    """What stands where a spec is to be written, or has a name that it wants."""
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


def _names(wishes: Wishes) -> Iterator[str]:
    said = {"--service": wishes.service, "--team": wishes.team, "--namespace": wishes.namespace}
    for option, written in {**said, "--workload": wishes.workload}.items():
        if written is not None and (message := of_name(option, written)):
            yield message
    if wishes.job is not None and not wishes.job.strip():
        yield "--job is empty: write the job_name of Prometheus's scrape configuration"
    if wishes.service == "fleet":
        yield "--service fleet would be the fleet's own file: write another name"
    if wishes.workload and not wishes.namespace:
        yield f"--workload {wishes.workload} is in no namespace: write --namespace too"
    if wishes.where and wishes.presets:
        yield "--from recognises presets by itself: leave out --preset, or --from"


def _laptop(wishes: Wishes, directory: Folder) -> Iterator[str]:
    if wishes.laptop and not (wishes.where and names.of_port(wishes.where)):
        yield "--laptop is for a server on this machine: write --from with its URL, such as http://localhost:8000/metrics"
    if wishes.laptop and directory.fleet:
        yield f"--laptop is for a new fleet, and {directory.fleet} exists: write deploy: {{compose: ...}} there"
