"""Folders whose files show, teach or try something: what is a matter of care in production is none there."""

from __future__ import annotations

import functools
from pathlib import Path, PurePath

from llmmon import lazily, nearby

_SHOWN = lazily.pattern(
    r"(?:\A|[-_.+])(?:101|boot-?camp|contrib|course|demos?|docs?|examples?|exercises?|experiments?|getting-?started|hands-?on"
    r"|(?:home-?)?labs?|learn|learning|playground|poc|quick-?start|samples?|sandbox|showcase|training|tutorials?"
    r"|workshops?)(?:\Z|[-_.+])"
)
_SAID = lazily.pattern(
    r"\b(?:assignment|boot-?camp|course|demo|demonstrat\w{1,5}|(?<!for )examples?(?!\.)|exercises?|homework|lessons?"
    r"|playground|proof of concept|samples?|tutorial|workshop)\b",
)
_HEAD = 400  # characters of a README, in which it says what this is


def is_shown(path: str) -> bool:
    """Whether a file is below such a folder, or what is run is called so, by its folder or by the README's head."""
    return _is_shown(PurePath(path).parent, Path.cwd())


@functools.lru_cache(256)
def _is_shown(folder: PurePath, run: Path) -> bool:
    if any(_SHOWN.search(part.lower()) for part in (*folder.parts[-4:], run.name)):
        return True
    readmes = nearby.texts(str(folder), ("README*", "readme*"))
    return any(_SAID.search(text[:_HEAD].lower()) for text in readmes)
