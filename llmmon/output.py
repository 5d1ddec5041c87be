"""The folder of generated files: what changes, what drifted, and writing that a kill cannot tear."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import stat
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from llmmon.classes import field, frozen
from llmmon.dump import json_text
from llmmon.problem import Level, Origin, Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from llmmon.problem import Keys, Span
    from llmmon.target import Written

MANIFEST = "manifest.json"
DIFF_LINES = 200  # of each file
DIFF_BYTES = 1_000_000  # comparing two larger files takes minutes
_TEMPORARY = ".llmmon-"


@frozen
class Entry:
    """A file that we made: the SHA-256 of its content, of both contents while it is being written, and its owner."""

    hashes: tuple[str, ...]
    owner: str


@frozen
class Manifest:
    """Every generated file by its path inside the output folder."""

    files: Mapping[str, Entry] = field(default_factory=dict)


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


def read_manifest(out: Path) -> Manifest:
    """The manifest of an output folder, empty where there is none; one that nobody can read is Rejected."""
    path = out / MANIFEST
    try:
        files = json.loads(path.read_bytes())["files"]
        return Manifest(dict(_entry(name, **value) for name, value in files.items()))
    except FileNotFoundError:
        return Manifest()
    except NotADirectoryError:
        message = "cannot be a folder, a file is in its way: choose another --out"
        raise Rejected([_problem(out, message, "output-blocked")]) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror}): correct its permissions"
        raise Rejected([_problem(path, message, "output-unreadable")]) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = "is no manifest (a merge conflict?): take it from either side of the merge, then generate again"
        raise Rejected([_problem(path, message, "output-manifest")]) from error


def plan_write(
    out: Path, scratch: Path, written: Sequence[Written], partial_owners: AbstractSet[str] | None = None
) -> Changes:
    """Compare what stands in the scratch folder with the output folder; changes nothing.

    With `partial_owners` only the files of these owners are looked at, and nothing is removed. Raises Rejected where
    the manifest or the folder cannot be read.
    """
    before = read_manifest(out)
    after = dict(before.files)
    states: dict[str, list[Written]] = {"new": [], "changed": [], "unchanged": []}
    foreign, kept, removed = [], [], []
    seen: dict[str, str] = {}
    for file in sorted(written, key=lambda file: (file.path, file.owner)):
        if partial_owners is not None and file.owner not in partial_owners:
            continue
        name, path = str(file.path), out / file.path
        with _readable(path):
            problem = _misplaced(path, file, before, seen, partial_owners) or _blocked(out, file.path)
            content = b"" if problem else (scratch / file.path).read_bytes()
            state = _state(path, content)
        if not problem and state == "changed" and name not in before.files:
            message = "stands in our way and we did not make it: move it away or choose another --out"
            problem = _problem(path, message, "output-foreign")
        seen.setdefault(name, file.owner)
        if problem:
            foreign.append(problem)
        else:
            states[state].append(file)
            after[name] = Entry((_sha256(content),), file.owner)
    for name in sorted(before.files.keys() - seen.keys()) if partial_owners is None else ():
        with _readable(out / name):
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


def apply(out: Path, scratch: Path, changes: Changes) -> list[Problem]:
    """Write the changes and return what could not be done; with anything foreign in the way, nothing is written.

    The manifest goes first, with old and new hashes together, and last, with the new ones. A run that is killed in
    between leaves every file whole, old or new, and the next run heals it.
    """
    if changes.foreign:
        return list(changes.foreign)
    here = out / MANIFEST
    try:
        for here in _leftovers(out, changes):
            here.unlink(missing_ok=True)
        here = out / MANIFEST
        write(here, _manifest_text(_both(changes)))
        for file in (*changes.new, *changes.changed):
            here = out / file.path
            write(here, (scratch / file.path).read_bytes())
        for name in changes.removed:
            here = out / name
            here.unlink(missing_ok=True)
        for here in _abandoned(out, changes):
            if here.is_dir() and not any(here.iterdir()):
                here.rmdir()
        here = out / MANIFEST
        write(here, _manifest_text(changes.after))
    except OSError as error:
        message = f"cannot be written ({error.strerror}): make room or correct permissions, then generate again"
        return [*changes.kept, _problem(here, message, "output-unwritable")]
    return list(changes.kept)


def drift(
    out: Path, scratch: Path, written: Sequence[Written], partial_owners: AbstractSet[str] | None = None
) -> Iterator[Problem]:
    """How the output folder differs from what the specs say now: missing, edited, stale and left-over files.

    Raises Rejected as `plan_write` does.
    """
    changes = plan_write(out, scratch, written, partial_owners)
    yield from changes.foreign
    for file in changes.new:
        yield _problem(out / file.path, f"is missing, {file.owner} makes it: run `llmmon generate`", "output-missing")
    for file in changes.changed:
        yield _outdated(out / file.path, file.owner, changes.before.files[str(file.path)])
    for name in changes.removed:
        message = f"is left over, {changes.before.files[str(name)].owner} no longer makes it: run `llmmon generate`"
        yield _problem(out / name, message, "output-extra")
    yield from changes.kept
    if changes.before != changes.after and not (changes.foreign or changes.new or changes.changed or changes.removed):
        yield _problem(out / MANIFEST, "does not list what is there: run `llmmon generate`", "output-manifest")


def diff(out: Path, scratch: Path, changes: Changes) -> Iterator[str]:
    """The changes as unified diffs, one text per file, each cut after some hundred lines."""
    stays = {file.path: True for file in (*changes.new, *changes.changed)}
    gone = dict.fromkeys(changes.removed, False)
    for path, stay in sorted({**stays, **gone}.items()):
        old = (out / path).read_bytes() if (out / path).exists() else None
        yield file_diff(str(path), old, (scratch / path).read_bytes() if stay else None)


def file_diff(name: str, old: bytes | None, new: bytes | None, limit: int | None = DIFF_LINES) -> str:
    """The difference of two contents as `diff -u` writes it, up to so many lines."""
    heads = f"--- {'/dev/null' if old is None else 'a/' + name}\n+++ {'/dev/null' if new is None else 'b/' + name}\n"
    if len(old or b"") + len(new or b"") > DIFF_BYTES:
        return f"{heads}(too large to compare: {len(old or b'')} and {len(new or b'')} bytes)\n"
    lines = list(islice(difflib.unified_diff(_lines(old), _lines(new)), 2, None))
    cut = [f"(and {len(lines) - limit} more lines)\n"] if limit is not None and len(lines) > limit else []
    return heads + "".join([*lines[:limit], *cut])


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step: after a kill it is whole, old or new. Its permissions stay."""
    if _state(path, content) == "unchanged":
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@frozen
class _File:
    """A generated file as the place of a problem; its text is not shown."""

    path: str
    text: str = ""

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        return 1, 1


def _problem(path: Path, message: str, rule: str, level: Level = Level.ERROR) -> Problem:
    return Problem(Origin(_File(str(path))), message, rule, level)


def _misplaced(
    path: Path, file: Written, before: Manifest, seen: Mapping[str, str], partial_owners: AbstractSet[str] | None
) -> Problem | None:
    name = str(file.path)
    if _outside(file.path) or name == MANIFEST:
        message = f"is no place for a file that {file.owner} makes: choose another name"
        return _problem(path, message, "output-outside")
    if name in seen:
        message = f"is made by {seen[name]} and by {file.owner}: rename one of them"
        return _problem(path, message, "output-twice")
    owner = before.files[name].owner if name in before.files else file.owner
    if partial_owners is not None and owner not in partial_owners:
        message = f"belongs to {owner}, and {file.owner} makes it too: generate from all specs"
        return _problem(path, message, "output-twice")
    return None


def _edited(out: Path, name: str, entry: Entry) -> Problem | None:
    """Why a file that nobody makes any more stays; None where it is as we made it, or gone."""
    path = out / name
    if not _blocked(out, PurePosixPath(name)) and (not path.exists() or _sha256(path.read_bytes()) in entry.hashes):
        return None
    message = f"is no longer made by {entry.owner}, but it was edited and stays: move it away or delete it"
    return _problem(path, message, "output-kept", Level.WARNING)


def _outdated(path: Path, owner: str, entry: Entry) -> Problem:
    if _sha256(path.read_bytes()) in entry.hashes:
        return _problem(path, f"is stale, {owner} says something else now: run `llmmon generate`", "output-stale")
    message = f"was edited by hand, and `llmmon generate` overwrites it: change {owner} instead"
    return _problem(path, message, "output-edited")


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
            return _problem(here, message, "output-blocked")
    return None


def _both(changes: Changes) -> Manifest:
    """What is ours while files are being written: every path, with old and new hashes."""
    before, after = changes.before.files, changes.after.files
    hashes = {name: (*_hashes(before, name), *_hashes(after, name)) for name in (*before, *after)}
    return Manifest(
        {
            name: Entry(tuple(dict.fromkeys(both)), (after.get(name) or before[name]).owner)
            for name, both in hashes.items()
        }
    )


def _hashes(files: Mapping[str, Entry], name: str) -> tuple[str, ...]:
    return files[name].hashes if name in files else ()


def _leftovers(out: Path, changes: Changes) -> list[Path]:
    """Temporary files of a run that was killed."""
    names = (*changes.before.files, *changes.after.files)
    folders = {out, *((out / name).parent for name in names)}
    return sorted(path for folder in folders if folder.is_dir() for path in folder.glob(f"{_TEMPORARY}*"))


def _abandoned(out: Path, changes: Changes) -> list[Path]:
    """The folders of removed files, innermost first."""
    names = changes.before.files.keys() - changes.after.files.keys()
    folders = {folder for name in names for folder in PurePosixPath(name).parents if folder.name}
    return [out / folder for folder in sorted(folders, key=lambda folder: (-len(folder.parts), folder))]


def _state(path: Path, content: bytes) -> str:
    if not path.exists():
        return "new"
    return "unchanged" if path.is_file() and path.read_bytes() == content else "changed"


def _outside(path: PurePosixPath) -> bool:
    return path.is_absolute() or not path.parts or ".." in path.parts or "\0" in str(path)


def _entry(name: str, sha256: str | list[str], owner: str) -> tuple[str, Entry]:
    path = PurePosixPath(name)
    hashes = (sha256,) if isinstance(sha256, str) else tuple(sha256)
    if _outside(path) or not all(isinstance(text, str) for text in (*hashes, owner)):
        raise ValueError(name)
    return str(path), Entry(hashes, owner)


def _manifest_text(manifest: Manifest) -> bytes:
    files = {
        name: {"sha256": entry.hashes[0] if len(entry.hashes) == 1 else list(entry.hashes), "owner": entry.owner}
        for name, entry in sorted(manifest.files.items())
    }
    return json_text({"files": files}).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Rejected([_problem(path, f"cannot be read ({error.strerror})", "output-unreadable")]) from error


def _lines(content: bytes | None) -> list[str]:
    lines = [f"{line}\n" for line in (content or b"").decode(errors="replace").split("\n")]
    if lines[-1] != "\n":
        lines[-1] += "\\ No newline at end of file\n"
        return lines
    return lines[:-1]
