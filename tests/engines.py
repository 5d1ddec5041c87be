"""Small fleets that scale with an engine: everything that they become, and what is found in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import pipeline
from llmmon.problem import Problem
from llmmon.prove import prove
from llmmon.tool import Tools

if TYPE_CHECKING:
    from llmmon.problem import Unverified
    from llmmon.target import Target

SHOWN = ("mimir", "thanos", "prometheus/prometheus.yml", "prometheus/flags.txt", "grafana/provisioning/datasources")


class Scratch:
    """What a case's specs become, below the current folder; it can be damaged before a target judges it."""

    def __init__(self, target: Target, case: Path, root: Path) -> None:
        self.target, self.folder = target, root / "scratch"
        shutil.copytree(case / "specs", root / "specs")
        self.folder.mkdir()
        self.made = pipeline.build(pipeline.read([Path("specs")]), self.folder, verify=False)
        assert not self.made.failed, self.made.problems

    def damage(self, path: str, old: str, new: str) -> None:
        """Replace what stands in a file, where it stands first."""
        text = (self.folder / path).read_text()
        assert old in text, text
        (self.folder / path).write_text(text.replace(old, new, 1))

    @property
    def shown(self) -> dict[str, str]:
        """What a golden case keeps: the engine's own files, the server's, the datasources."""
        paths = sorted(str(item.path) for item in self.made.written)
        own = [path for path in paths if path.startswith(SHOWN) and not path.endswith(".tmpl")]
        return {path: (self.folder / path).read_text() for path in own if "watchdog" not in path}

    @property
    def judged(self) -> list[Problem | Unverified]:
        """What the target finds in what stands there."""
        assert self.target.verify
        mine = [item for item in self.made.written if item.path.parts[0] == self.target.folder]
        tools = Tools(self.folder, os.environ)
        return list(self.target.verify(self.made.fleet, self.made.facts, self.folder, mine, tools))

    @property
    def failures(self) -> list[str | None]:
        """What promtool says of each behaviour test."""
        tests = sorted((self.folder / "prometheus/tests").rglob("*.yaml"))
        return [one.failure for one in prove(tests, Tools(self.folder, os.environ), cache=None)]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong."""
        return [one for one in self.judged if isinstance(one, Problem)]

    @property
    def messages(self) -> list[str]:
        """What is said of that."""
        return [one.message for one in self.problems]


def same(case: Path, made: dict[str, str]) -> bool:
    """Whether the golden files are these; `LLMMON_REWRITE=1` makes them so."""
    if os.environ.get("LLMMON_REWRITE"):
        for path, text in made.items():
            (case / path).parent.mkdir(parents=True, exist_ok=True)
            (case / path).write_text(text)
    files = (path for path in case.rglob("*") if path.is_file() and case / "specs" not in path.parents)
    return made == {path.relative_to(case).as_posix(): path.read_text() for path in files}
