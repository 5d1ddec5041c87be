"""What scripts near a file put something else in place of, as `sed s|SLACK_URL|$SLACK_URL|` does."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path

from llmmon import lazily

_NEAR = (".", "..", "../..", "../../..", "scripts", "../scripts", "../../scripts", "bin", "../bin")
_SCRIPTS = ("*.sh", "*entrypoint*", "[Mm]akefile", "Dockerfile*", "*compose*.y*ml", "[Jj]ustfile", "Taskfile.y*ml")
_MOST = 50  # files of one pattern
_LARGEST = 100_000  # bytes
_SHORTEST = 4  # characters of what stands for something
_OF_SED = lazily.pattern(r"\bs([|/#,@~])([^\n|/#,@~]{4,120})\1|\bs([|#,@~])([^\n|#,@~]{4,200})\3")
_OF_OTHERS = lazily.pattern(r"(?:replaceAll|replace|gsub)\(\s*['\"]([^'\"\n]{4,200})['\"]")


def is_replaced(text: str, path: str) -> bool:
    """Whether a script near the file at `path` replaces this text, or a part of it."""
    return len(text) >= _SHORTEST and any(found in text for found in _replaced(str(Path(path).parent)))


@functools.lru_cache(64)
def _replaced(folder: str) -> frozenset[str]:
    out: set[str] = set()
    for place, pattern in itertools.product(_NEAR, _SCRIPTS):
        for file in itertools.islice((Path(folder) / place).glob(pattern), _MOST):
            text = _text(file)
            out |= {found[2] or found[4] for found in _OF_SED.finditer(text)}
            out |= {found[1] for found in _OF_OTHERS.finditer(text)}
    return frozenset(found.replace("\\", "").strip() for found in out) - {""}


def _text(file: Path) -> str:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return ""
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return ""
