"""A name that Logstash cannot read as one of a field.

`[a][b` and `a[b]` are no references: the filter fails for each event, which gets a tag and stays as it was.

Bad:

    filter { mutate { remove_field => ["a[b]"] } }

Good:

    filter { mutate { remove_field => ["[a][b]"] } }

    filter { mutate { remove_field => ["%{[a]}"] } }
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
    yield from pipeline.findings({"bad-field-reference": "L027"})


RULE = Rule(Pipeline, check, {"L027": Level.ERROR})
