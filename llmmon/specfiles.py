"""Specs among the files of a lint run: what `llmmon check` says of them without asking any tool."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import lazily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.problem import Problem
    from llmmon.source.document import Document
    from llmmon.source.values import Value

_HEADS = ("service", "fleet", "system")
_OURS = frozenset(  # a key that stands beside one of them in a spec, and hardly in another tool's file
    (
        *("alerts", "budgets", "catch_all", "dashboards", "depends_on", "environments", "health", "logs", "metrics"),
        *("outside", "selector", "services", "signals", "slos", "teams", "uses", "watchdog"),
    )
)
_THEIRS = frozenset(("apiVersion", "functions", "kind", "provider", "stages"))
_MODELINE = lazily.pattern(r"^# yaml-language-server: \$schema=\S*\b(?:fleet|service|system)\.json", re.MULTILINE)
_OF_FLEET = lazily.pattern(r"^fleet:", re.MULTILINE)


def is_spec(value: Value, document: Document, named: bool) -> bool:
    """Whether a document is a spec; one that was found in a folder may be somebody else's that looks like one."""
    return _looks_ours(value) and (named or _is_certain(value, document))


def _is_certain(value: Value, document: Document) -> bool:
    """Whether all of its keys are ours, or it says what it is, or a fleet is above it."""
    if _MODELINE.search(document.text) or any(map(_is_fleet, Path(document.path).absolute().parents)):
        return True
    from llmmon.spec.fleet import Fleet
    from llmmon.spec.service import SpecFile, System

    fields = (frozenset(model.model_fields) for model in (SpecFile, System, Fleet))
    return isinstance(value, dict) and any(value.keys() <= known for known in fields)


@functools.lru_cache(256)
def _is_fleet(folder: Path) -> bool:
    """Whether a folder has the file of a fleet of ours; other programs call theirs so, too."""
    from llmmon import nearby

    return any(_OF_FLEET.search(text) for text in nearby.here(folder, ("fleet.y*ml",)))


def _looks_ours(value: Value) -> bool:
    if not isinstance(value, dict) or not any(isinstance(value.get(head), str) for head in _HEADS):
        return False
    others = _THEIRS & value.keys() or isinstance(value.get("slos"), list)  # Sloth's have a list of them
    return bool(_OURS & value.keys()) and not others


def problems(found: Iterable[Path]) -> Iterator[Problem]:
    """Everything that is wrong with these specs. Those without a fleet among them get the one of their folder."""
    paths = [path for path in dict.fromkeys(found) if path.is_file()]  # standard input has no folder
    if not paths:
        return
    from llmmon import load

    fleets = {path.absolute().parent: path for path in paths if path.name in load.FLEET_FILES}
    groups: dict[Path, list[Path]] = {}
    for path in paths:
        folders = path.absolute().parents
        groups.setdefault(next((one for one in folders if one in fleets), folders[0]), []).append(path)
    for folder, inside in groups.items():
        said = {(str(one.origin), one.message): one for one in _group(inside, whole=folder in fleets)}
        yield from said.values()


def _group(paths: Sequence[Path], whole: bool) -> Iterator[Problem]:
    import tempfile
    from datetime import UTC, datetime

    from llmmon import pipeline
    from llmmon.problem import Rejected

    try:
        specs = pipeline.read(paths, whole)
        with tempfile.TemporaryDirectory() as scratch:
            yield from pipeline.build(specs, Path(scratch), verify=False).problems
    except Rejected as rejected:
        yield from rejected.problems
        return
    if whole:
        yield from pipeline.unwatched(specs)
    yield from pipeline.expired(specs, datetime.now(UTC).date())
