"""What stands around the files of a run: manifests that say what llmmon wrote, and folders of runbooks."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon.problem import Origin
from llmmon.rule import Generated
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.output.manifest import Entry
    from llmmon.problem import Positioned

_MANIFEST = "manifest.json"
_UP = 8  # folders that are looked at above a file
_PAGES = "*.md"
_MOST = 10_000  # pages that are looked at


def generated(documents: Sequence[Positioned]) -> Iterator[Generated]:
    """Of these files those that a manifest above them names."""
    manifest = functools.cache(_manifest)
    for document in {document.path: document for document in documents}.values():
        path = Path(document.path)
        for folder in list(path.absolute().parents)[:_UP]:
            entry = manifest(folder).get(path.absolute().relative_to(folder).as_posix())
            if entry:
                yield Generated(document.path, entry.owner, _hash(path) in entry.hashes, Origin(document))
                break


def runbooks(paths: Sequence[Path]) -> Iterator[tuple[str, Origin]]:
    """The pages below these folders that are runbooks, because a folder is called so."""
    for path in paths:
        if path.is_dir():
            pages = sorted(page for page, _ in zip(path.rglob(_PAGES), range(_MOST), strict=False))
            for page in pages:
                if any("runbook" in part.lower() for part in page.parts[:-1]):
                    yield page.with_suffix("").as_posix(), Origin(Spot(page.as_posix(), "", 1, 1))


def _manifest(folder: Path) -> Mapping[str, Entry]:
    """The files of a folder's manifest; empty also where somebody else's file is called so."""
    if not (folder / _MANIFEST).is_file():
        return {}
    from llmmon.output import manifest
    from llmmon.problem import Rejected

    try:
        return manifest.read(folder).files
    except Rejected:
        return {}


def _hash(path: Path) -> str:
    import hashlib

    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
