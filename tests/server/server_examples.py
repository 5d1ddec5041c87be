"""The servers of the specs in the current folder, and their artifacts in a scratch folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import pipeline
from llmmon.targets.server import TARGET
from llmmon.tool import Tools

if TYPE_CHECKING:
    from llmmon.plan import Fleet
    from llmmon.problem import Problem, Unverified
    from llmmon.target import Written

STATIC = """
prometheus:
  alertmanagers: alertmanager:9093
"""


def lowered() -> tuple[Fleet, list[Problem]]:
    """The fleet's plan, and what is wrong with it."""
    return pipeline.planned(pipeline.read([Path("specs")]))


def built(scratch: Path) -> pipeline.Built:
    """Everything in a scratch folder, judged by nobody."""
    scratch.mkdir(exist_ok=True)
    return pipeline.build(pipeline.read([Path("specs")]), scratch, verify=False)


def judged(made: pipeline.Built, scratch: Path, tools: Tools | None = None) -> list[Problem | Unverified]:
    """What the target finds in what stands there."""
    assert TARGET.verify
    return list(TARGET.verify(made.fleet, (), scratch, mine(made), tools or Tools(scratch, os.environ)))


def mine(made: pipeline.Built) -> list[Written]:
    """Everything below `prometheus/`, as the pipeline hands it out."""
    return [item for item in made.written if item.path.parts[0] == TARGET.folder]
