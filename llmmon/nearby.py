"""Files around one that say what it alone does not: scripts, builds, definitions."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UP = 4  # folders, of which the file's own is the first
_MOST = 50  # files of one kind in one folder
_LARGEST = 100_000  # bytes
_ALL = 10_000  # files below a path
SCRIPTS = (
    *("*.sh", "scripts/*", "bin/*", "*entrypoint*", "[Mm]akefile", "Dockerfile*", "*compose*.y*ml"),
    *("[Jj]ustfile", "Taskfile.y*ml", ".github/workflows/*"),
)


def texts(folder: str, patterns: Iterable[str]) -> Iterator[str]:
    """What stands in the files of these names in a folder, and in those above it as far as the run's own."""
    wanted = tuple(patterns)
    for place in _places(Path(folder)):
        yield from here(place, wanted)


def here(folder: Path, patterns: Iterable[str]) -> Iterator[str]:
    """What stands in the files of these names in one folder."""
    for pattern in patterns:
        for file in itertools.islice(folder.glob(pattern), _MOST):
            if text := _text(file):
                yield text


def below(paths: Iterable[Path]) -> Iterator[Path]:
    """What is below the folders among these paths, up to a number for each."""
    for path in paths:
        yield from itertools.islice(path.rglob("*") if path.is_dir() else (), _ALL)


def start(file: Path) -> str:
    """What stands in a file, up to a size; nothing where nobody may read it."""
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _places(folder: Path) -> list[Path]:
    run = Path.cwd()
    inside = folder.relative_to(run) if folder.is_absolute() and folder.is_relative_to(run) else folder
    return [inside, *inside.parents][: 1 if inside.is_absolute() else _UP]


def _text(file: Path) -> str:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return ""
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
