"""Rule files with an engine's own fields: their strict shape, and what promtool can judge of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from llmmon.classes import replace
from llmmon.dump import yaml_text
from llmmon.problem import Problem
from llmmon.promtool import check_rules
from llmmon.shape import ANY, FULL, Each, faults
from llmmon.shape import text as of_form
from llmmon.source.composer import LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path, PurePosixPath

    from llmmon.problem import Keys, Origin
    from llmmon.target import Written
    from llmmon.tool import Tools

SERIES_LABEL = of_form(r"[a-zA-Z_][a-zA-Z0-9_]*", "label name of Prometheus")
METRIC = of_form(r"[a-zA-Z_:][a-zA-Z0-9_:]*", "metric name")
DURATION = of_form(r"(?=.)(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?", "duration such as 30s or 1h30m")
RULE = {
    "record": METRIC,
    "alert": FULL,
    "expr!": FULL,
    "for": DURATION,
    "keep_firing_for": DURATION,
    "labels": Each(SERIES_LABEL, ANY),
    "annotations": Each(SERIES_LABEL, ANY),
}
GROUP = {"name!": FULL, "interval": DURATION, "rules!": [RULE]}


def read(scratch: Path, file: Written, shape: Mapping[str, Any], rule: str) -> Iterator[Problem | dict[str, Any]]:
    """The file as a value, if it has the shape; else what is wrong with it."""
    try:
        value = yaml.load((scratch / file.path).read_text("utf-8"), LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        yield Problem(file.origins[()], f"{file.path}: not YAML: {' '.join(str(error).split())}", rule)
        return
    found = [Problem(origin(value, keys, file), _said(file, keys, why), rule) for keys, why in faults(value, shape)]
    yield from found or [value]


def check(
    files: Sequence[tuple[Written, dict[str, Any]]], extra: frozenset[str], folder: PurePosixPath, tools: Tools
) -> Iterator[Problem]:
    """promtool's word on the same rules without the fields that only the engine knows."""
    projected: dict[PurePosixPath, Written] = {}
    for number, (file, value) in enumerate(files):
        groups = [{key: item for key, item in group.items() if key not in extra} for group in value["groups"]]
        path = folder / f"{number}.yaml"
        (tools.scratch / folder).mkdir(parents=True, exist_ok=True)
        (tools.scratch / path).write_text(
            yaml_text({"groups": groups}, f"What promtool reads of {file.path}."), "utf-8"
        )
        projected[path] = file
    for problem in check_rules(projected, tools):
        yield replace(problem, message=f"{_file(problem, files)}{problem.message}")


def origin(value: Any, keys: Keys, file: Written) -> Origin:
    """Rules are known by their group's name and their place in it."""
    place: Keys = ()
    if keys[:1] == ("groups",) and len(keys) > 1:
        group = value["groups"][keys[1]]
        name = group.get("name") if isinstance(group, dict) else None
        place = (name, keys[3]) if keys[2:3] == ("rules",) and len(keys) > 3 else (name,)  # type: ignore[assignment]
    return next(file.origins[place[:end]] for end in range(len(place), -1, -1) if place[:end] in file.origins)


def _said(file: Written, keys: Keys, why: str) -> str:
    where = ".".join(map(str, keys))
    return f"{file.path}: {where}: {why}" if where else f"{file.path}: {why}"


def _file(problem: Problem, files: Sequence[tuple[Written, dict[str, Any]]]) -> str:
    """The file whose origins hold the problem's, where only one does."""
    found = {file.path for file, _ in files if problem.origin in file.origins.values()}
    return f"{found.pop()}: " if len(found) == 1 else ""
