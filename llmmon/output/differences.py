"""The difference of two contents, as `diff -u` writes it."""

from __future__ import annotations

import difflib
from itertools import islice

DIFF_LINES = 200  # of each file
DIFF_BYTES = 1_000_000  # comparing two larger files takes minutes


def file_diff(name: str, old: bytes | None, new: bytes | None, limit: int | None = DIFF_LINES) -> str:
    """The difference of two contents as `diff -u` writes it, up to so many lines."""
    heads = f"--- {'/dev/null' if old is None else 'a/' + name}\n+++ {'/dev/null' if new is None else 'b/' + name}\n"
    if len(old or b"") + len(new or b"") > DIFF_BYTES:
        return f"{heads}(too large to compare: {len(old or b'')} and {len(new or b'')} bytes)\n"
    lines = list(islice(difflib.unified_diff(_lines(old), _lines(new)), 2, None))
    cut = [f"(and {len(lines) - limit} more lines)\n"] if limit is not None and len(lines) > limit else []
    return heads + "".join([*lines[:limit], *cut])


def _lines(content: bytes | None) -> list[str]:
    lines = [f"{line}\n" for line in (content or b"").decode(errors="replace").split("\n")]
    if lines[-1] != "\n":
        lines[-1] += "\\ No newline at end of file\n"
        return lines
    return lines[:-1]
