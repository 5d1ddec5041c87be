"""What scripts near a file put something else in place of, as `sed s|SLACK_URL|$SLACK_URL|` does."""

from __future__ import annotations

import functools
from pathlib import PurePath

from llmmon import lazily, nearby

_SHORTEST = 4  # characters of what stands for something
_OF_SED = lazily.pattern(r"\bs([|/#,@~])([^\n|/#,@~]{4,120})\1|\bs([|#,@~])([^\n|#,@~]{4,200})\3")
_OF_OTHERS = lazily.pattern(r"(?:replaceAll|replace|gsub)\(\s*['\"]([^'\"\n]{4,200})['\"]")


def is_replaced(text: str, path: str) -> bool:
    """Whether a script near the file at `path` replaces this text, or a part of it."""
    return len(text) >= _SHORTEST and any(found in text for found in _replaced(str(PurePath(path).parent)))


@functools.lru_cache(64)
def _replaced(folder: str) -> frozenset[str]:
    out: set[str] = set()
    for text in nearby.texts(folder, nearby.SCRIPTS):
        out |= {found[2] or found[4] for found in _OF_SED.finditer(text)}
        out |= {found[1] for found in _OF_OTHERS.finditer(text)}
    return frozenset(found.replace("\\", "").strip() for found in out) - {""}
