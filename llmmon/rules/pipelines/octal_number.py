"""A number that begins with 0, which Logstash reads as octal.

Bad:

    input { tcp { port => 05000 } }

Good:

    input { tcp { port => 5000 } }

    input { tcp { port => "05000" } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Pipeline
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    yield from pipeline.findings({"octal-number": "L033"})


RULE = Rule(Pipeline, check, {"L033": Level.WARNING})
