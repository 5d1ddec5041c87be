"""Folders whose files show, teach or try something: what is a matter of care in production is none there."""

from __future__ import annotations

import functools
from pathlib import Path, PurePath

from llmmon import lazily

_SHOWN = lazily.pattern(
    r"(?:\A|[-_.+])(?:boot-?camp|contrib|course|demos?|docs?|examples?|exercises?|experiments?|getting-?started|hands-?on"
    r"|(?:home-?)?labs?|learn|learning|playground|poc|quick-?start|samples?|sandbox|showcase|training|tutorials?"
    r"|workshops?)(?:\Z|[-_.+])"
)


@functools.lru_cache(256)
def is_shown(path: str) -> bool:
    """Whether a file is below such a folder, or the folder of the run is called so."""
    folders = PurePath(path).parts[:-1]
    return any(_SHOWN.search(part.lower()) for part in (*folders[-4:], Path.cwd().name))
