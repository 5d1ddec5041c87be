"""Writes the changes, so that a run that is killed leaves every file whole."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.output.files import TEMPORARY, fault, write
from llmmon.output.manifest import MANIFEST, Entry, Manifest, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from llmmon.output.comparing import Changes
    from llmmon.problem import Problem


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
        write(here, text(_both(changes)))
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
        write(here, text(changes.after))
    except OSError as error:
        message = f"cannot be written ({error.strerror}): make room or correct permissions, then generate again"
        return [*changes.kept, fault(here, message, "output-unwritable")]
    return list(changes.kept)


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
    return sorted(path for folder in folders if folder.is_dir() for path in folder.glob(f"{TEMPORARY}*"))


def _abandoned(out: Path, changes: Changes) -> list[Path]:
    """The folders of removed files, innermost first."""
    names = changes.before.files.keys() - changes.after.files.keys()
    folders = {folder for name in names for folder in PurePosixPath(name).parents if folder.name}
    return [out / folder for folder in sorted(folders, key=lambda folder: (-len(folder.parts), folder))]
