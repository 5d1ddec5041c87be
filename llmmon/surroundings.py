"""What stands around the files of a run: manifests that say what llmmon wrote, and folders of runbooks."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import output
from llmmon.problem import Origin, Rejected
from llmmon.rule import Generated
from llmmon.source import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.problem import Positioned

_UP = 8  # folders that are looked at above a file
_PAGES = "*.md"
_MOST = 10_000  # pages that are looked at


def generated(documents: Sequence[Positioned]) -> Iterator[Generated]:
    """Of these files those that a manifest above them names."""
    manifest = functools.cache(_manifest)
    for document in {document.path: document for document in documents}.values():
        path = Path(document.path)
        for folder in list(path.absolute().parents)[:_UP]:
            entry = manifest(folder).files.get(path.absolute().relative_to(folder).as_posix())
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


def _manifest(folder: Path) -> output.Manifest:
    try:
        return output.read_manifest(folder)
    except Rejected:
        return output.Manifest()


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
