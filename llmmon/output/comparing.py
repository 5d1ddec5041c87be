"""What writing would do to the folder, and how the folder differs from what the specs say."""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.output import manifest
from llmmon.output.differences import file_diff
from llmmon.output.files import fault, readable, state_of
from llmmon.output.manifest import MANIFEST, Entry, Manifest, outside, sha256
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from llmmon.target import Written


@frozen
class Changes:
    """What writing would do.

    `removed` are paths whose content we know; `kept` are warnings about those that were edited by hand, `foreign` are
    errors about what stands in our way. `before` and `after` are the manifests.
    """

    new: tuple[Written, ...]
    changed: tuple[Written, ...]
    removed: tuple[PurePosixPath, ...]
    unchanged: tuple[Written, ...]
    foreign: tuple[Problem, ...]
    kept: tuple[Problem, ...]
    before: Manifest
    after: Manifest


def plan_write(
    out: Path, scratch: Path, written: Sequence[Written], partial_owners: AbstractSet[str] | None = None
) -> Changes:
    """Compare what stands in the scratch folder with the output folder; changes nothing.

    With `partial_owners` only the files of these owners are looked at, and nothing is removed. Raises Rejected where
    the manifest or the folder cannot be read.
    """
    before = manifest.read(out)
    after = dict(before.files)
    states: dict[str, list[Written]] = {"new": [], "changed": [], "unchanged": []}
    foreign, kept, removed = [], [], []
    seen: dict[str, str] = {}
    for file in sorted(written, key=lambda file: (file.path, file.owner)):
        if partial_owners is not None and file.owner not in partial_owners:
            continue
        name, path = str(file.path), out / file.path
        with readable(path):
            problem = _misplaced(path, file, before, seen, partial_owners) or _blocked(out, file.path)
            content = b"" if problem else (scratch / file.path).read_bytes()
            state = state_of(path, content)
        if not problem and state == "changed" and name not in before.files:
            message = "stands in our way and we did not make it: move it away or choose another --out"
            problem = fault(path, message, "output-foreign")
        seen.setdefault(name, file.owner)
        if problem:
            foreign.append(problem)
        else:
            states[state].append(file)
            after[name] = Entry((sha256(content),), file.owner)
    for name in sorted(before.files.keys() - seen.keys()) if partial_owners is None else ():
        with readable(out / name):
            problem = _edited(out, name, before.files[name])
            exists = (out / name).exists()
        if problem:
            kept.append(problem)
            continue
        del after[name]
        if exists:
            removed.append(PurePosixPath(name))
    return Changes(
        new=tuple(states["new"]),
        changed=tuple(states["changed"]),
        removed=tuple(removed),
        unchanged=tuple(states["unchanged"]),
        foreign=tuple(foreign),
        kept=tuple(kept),
        before=before,
        after=Manifest(after),
    )


def drift(
    out: Path, scratch: Path, written: Sequence[Written], partial_owners: AbstractSet[str] | None = None
) -> Iterator[Problem]:
    """How the output folder differs from what the specs say now: missing, edited, stale and left-over files.

    Raises Rejected as `plan_write` does.
    """
    changes = plan_write(out, scratch, written, partial_owners)
    yield from changes.foreign
    for file in changes.new:
        yield fault(out / file.path, f"is missing, {file.owner} makes it: run `llmmon generate`", "output-missing")
    for file in changes.changed:
        yield _outdated(out / file.path, file.owner, changes.before.files[str(file.path)])
    for name in changes.removed:
        message = f"is left over, {changes.before.files[str(name)].owner} no longer makes it: run `llmmon generate`"
        yield fault(out / name, message, "output-extra")
    yield from changes.kept
    if changes.before != changes.after and not (changes.foreign or changes.new or changes.changed or changes.removed):
        yield fault(out / MANIFEST, "does not list what is there: run `llmmon generate`", "output-manifest")


def diff(out: Path, scratch: Path, changes: Changes) -> Iterator[str]:
    """The changes as unified diffs, one text per file, each cut after some hundred lines."""
    stays = {file.path: True for file in (*changes.new, *changes.changed)}
    gone = dict.fromkeys(changes.removed, False)
    for path, stay in sorted({**stays, **gone}.items()):
        old = (out / path).read_bytes() if (out / path).exists() else None
        yield file_diff(str(path), old, (scratch / path).read_bytes() if stay else None)


def _misplaced(
    path: Path, file: Written, before: Manifest, seen: Mapping[str, str], partial_owners: AbstractSet[str] | None
) -> Problem | None:
    name = str(file.path)
    if outside(file.path) or name == MANIFEST:
        message = f"is no place for a file that {file.owner} makes: choose another name"
        return fault(path, message, "output-outside")
    if name in seen:
        message = f"is made by {seen[name]} and by {file.owner}: rename one of them"
        return fault(path, message, "output-twice")
    owner = before.files[name].owner if name in before.files else file.owner
    if partial_owners is not None and owner not in partial_owners:
        message = f"belongs to {owner}, and {file.owner} makes it too: generate from all specs"
        return fault(path, message, "output-twice")
    return None


def _edited(out: Path, name: str, entry: Entry) -> Problem | None:
    """Why a file that nobody makes any more stays; None where it is as we made it, or gone."""
    path = out / name
    if not _blocked(out, PurePosixPath(name)) and (not path.exists() or sha256(path.read_bytes()) in entry.hashes):
        return None
    message = f"is no longer made by {entry.owner}, but it was edited and stays: move it away or delete it"
    return fault(path, message, "output-kept", Level.WARNING)


def _outdated(path: Path, owner: str, entry: Entry) -> Problem:
    if sha256(path.read_bytes()) in entry.hashes:
        return fault(path, f"is stale, {owner} says something else now: run `llmmon generate`", "output-stale")
    message = f"was edited by hand, and `llmmon generate` overwrites it: change {owner} instead"
    return fault(path, message, "output-edited")


def _blocked(out: Path, path: PurePosixPath) -> Problem | None:
    """What is neither a folder of ours nor a file of ours on the way to a path."""
    for step in (*reversed(path.parents[:-1]), path):
        here = out / step
        try:
            mode = here.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        wanted = "file" if step == path else "folder"
        if not (stat.S_ISREG(mode) if step == path else stat.S_ISDIR(mode)):
            what = "symbolic link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file"
            message = f"is a {what} where a {wanted} must stand: move it away or choose another --out"
            return fault(here, message, "output-blocked")
    return None
