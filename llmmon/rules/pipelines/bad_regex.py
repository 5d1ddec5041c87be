"""A regular expression that Oniguruma cannot compile: in grok, in gsub, or in a condition.

`logstash -t` compiles none of them. The pipeline dies when it starts.

Bad:

    filter { mutate { gsub => ["message", "(", ""] } }

    filter { if [path] =~ /[a/ { drop { } } }

Good:

    filter { mutate { gsub => ["message", "\\(", ""] } }

    filter { if [path] =~ /[a]/ { drop { } } }
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
    yield from pipeline.findings({"bad-regex": "L009"})


RULE = Rule(Pipeline, check, {"L009": Level.ERROR})
