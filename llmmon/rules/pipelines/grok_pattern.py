"""A grok pattern that nobody defined, or a part of one that grok does not read.

`logstash -t` does not compile patterns. With an unknown name the pipeline dies when it starts, and a field name with a
space in it is cut off without a word.

Bad:

    filter { grok { match => { "message" => "%{TIMESTAMPISO8601:time}" } } }

    filter { grok { match => { "message" => "%{NUMBER:cost usd}" } } }

Good:

    filter { grok { match => { "message" => "%{TIMESTAMP_ISO8601:time}" } } }

    filter { grok { match => { "message" => "%{OURS:a}" } patterns_dir => ["/etc/logstash/patterns"] } }

    filter { grok { match => { "message" => "%{OURS:a}" } pattern_definitions => { "OURS" => "[a-z]+" } } }
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
    yield from pipeline.findings({"unknown-pattern": "L008", "ignored-text": "L032"})


RULE = Rule(Pipeline, check, {"L008": Level.ERROR, "L032": Level.WARNING})
