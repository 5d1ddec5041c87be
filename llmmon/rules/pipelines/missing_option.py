"""A plugin without an option that it cannot be without.

Logstash does not start.

Bad:

    input { beats { } }

Good:

    input { beats { port => 5044 } }

    filter { json { source => "message" } }
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
    yield from pipeline.findings({"missing-option": "L005"})


RULE = Rule(Pipeline, check, {"L005": Level.ERROR}, peers=("logstash -t",))
