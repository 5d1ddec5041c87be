"""Small fleets that scale with an engine: everything that they become, and what is found in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import pipeline
from llmmon.tool import Tools

if TYPE_CHECKING:
    from llmmon.problem import Problem, Unverified
    from llmmon.target import Target

SHOWN = ("mimir", "thanos", "prometheus/prometheus.yml", "prometheus/flags.txt", "grafana/provisioning/datasources")


def built(case: Path, root: Path) -> tuple[pipeline.Built, Path]:
    """A case's specs below the current folder, and everything that they become in a scratch folder."""
    shutil.copytree(case / "specs", root / "specs")
    scratch = root / "scratch"
    scratch.mkdir()
    return pipeline.build(pipeline.read([Path("specs")]), scratch, verify=False), scratch


def shown(made: pipeline.Built, scratch: Path) -> dict[str, str]:
    """What a golden case keeps: the engine's own files, the server's, the datasources."""
    paths = sorted(str(item.path) for item in made.written)
    own = [path for path in paths if path.startswith(SHOWN) and not path.endswith(".tmpl")]
    return {path: (scratch / path).read_text() for path in own if "watchdog" not in path}


def same(case: Path, made: dict[str, str]) -> bool:
    """Whether the golden files are these; `LLMMON_REWRITE=1` makes them so."""
    if os.environ.get("LLMMON_REWRITE"):
        for path, text in made.items():
            (case / path).parent.mkdir(parents=True, exist_ok=True)
            (case / path).write_text(text)
    files = (path for path in case.rglob("*") if path.is_file() and case / "specs" not in path.parents)
    return made == {path.relative_to(case).as_posix(): path.read_text() for path in files}


def judged(target: Target, made: pipeline.Built, scratch: Path) -> list[Problem | Unverified]:
    """What a target finds in what stands in the scratch folder."""
    assert target.verify
    mine = [item for item in made.written if item.path.parts[0] == target.folder]
    return list(target.verify(made.fleet, made.facts, scratch, mine, Tools(scratch, os.environ)))
