"""All objectives of specs as one file of OpenSLO documents, with all that is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import dump, pipeline
from llmmon.interchange import export
from llmmon.interchange.imported import Made
from llmmon.problem import Level, Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Made", "run"]


def run(inputs: Sequence[Path]) -> Made:
    """The objectives of all services below these paths. Rejected where a spec has errors."""
    specs = pipeline.read(inputs)
    fleet, problems = pipeline.planned(specs)
    problems = [*specs.problems, *problems]
    for _ in pipeline.lowered(specs, fleet, problems):
        pass  # what is wrong is said once, and then every name resolves
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    if errors:
        raise Rejected(errors)
    lost: list[Problem] = []
    asked = [one for one in specs.services if specs.asked is None or one.source.document.owner in specs.asked]
    documents = [document for loaded in asked for document in export.documents(loaded, fleet, lost)]
    count = sum(document["kind"] == "SLO" for document in documents)
    if not count:
        message = "there is no objective in these specs: write slos: first"
        lost.append(Problem(specs.fleet.origin("fleet"), message, "export", Level.ERROR))
    text = dump.yaml_documents(documents, "Objectives exported by llmmon as OpenSLO v1.") if count else ""
    return Made(text, tuple(lost), count)
