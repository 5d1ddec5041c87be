"""Compares files with golden ones; `LLMMON_REWRITE=1` writes them again, to be read by a person."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def same(folder: Path, files: Mapping[str, bytes]) -> None:
    """These files, and no others, stand in the folder."""
    if os.environ.get("LLMMON_REWRITE"):
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert _texts(files) == _texts(found)


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: text.decode() for name, text in files.items()}
