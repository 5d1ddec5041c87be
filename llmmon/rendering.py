"""Files that something in their repository renders: a chart's templates, a script, a playbook."""

from __future__ import annotations

import functools
import re
from pathlib import Path, PurePath

from llmmon import lazily, nearby

_SCRIPTS = (*nearby.SCRIPTS, *("README*", "*playbook*.y*ml", "tasks/*.y*ml", "playbooks/*.y*ml"))
_RENDERS = lazily.pattern(
    r"\b(?:confd|consul-template|dockerize|envsubst|erb|gomplate|jinja2?|j2|render(?:ed|s)?|template|tpl|ytt)\b",
    re.IGNORECASE,
)
_BEHIND = 3  # lines of a playbook that are about the one before them
_READ = lazily.pattern(r"\.Files\.(?:Get|Glob)\s+\(?\s*[\"`]([^\"`*\n]+)")


def is_rendered(path: str) -> bool:
    """Whether a chart's templates read the file at `path`, or a script near it renders one that is called so."""
    folder, name = str(PurePath(path).parent), PurePath(path).name
    return any(map(path.startswith, _read(folder))) or any(name in line for line in _rendering(folder))


@functools.lru_cache(64)
def _rendering(folder: str) -> tuple[str, ...]:
    found: list[str] = []
    for text in nearby.texts(folder, _SCRIPTS):
        lines = text.split("\n")
        for number in (number for number, line in enumerate(lines) if _RENDERS.search(line)):
            found += lines[number : number + _BEHIND + 1]
    return tuple(found)


@functools.lru_cache(64)
def _read(folder: str) -> frozenset[str]:
    """How the paths begin that the templates of a chart above a folder read."""
    chart = next((one for one in (Path(folder), *Path(folder).parents) if (one / "Chart.yaml").is_file()), None)
    if not chart:
        return frozenset()
    texts = nearby.here(chart / "templates", ("*",))
    return frozenset((chart / read).as_posix() for text in texts for read in _READ.findall(text))
