"""A grok pattern that nobody defined, or a part of one that grok does not read.

`logstash -t` does not compile patterns. With an unknown name the pipeline dies when it starts, and a field name with a
space in it is cut off without a word. A name that resembles none of Logstash's own is a warning: its file may lie in
the folder `patterns` of the Logstash that runs this.

Bad:

    filter { grok { match => { "message" => "%{TIMESTAMPISO8601:time}" } } }

    filter { grok { match => { "message" => "%{NUMBER:cost usd}" } } }

Good:

    filter { grok { match => { "message" => "%{TIMESTAMP_ISO8601:time}" } } }

    filter { grok { match => { "message" => "%{OURS:a}" } patterns_dir => ["/etc/logstash/patterns"] } }

    filter { grok { match => { "message" => "%{OURS:a}" } pattern_definitions => { "OURS" => "[a-z]+" } } }
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Pipeline, complained
from llmmon.grok import near
from llmmon.problem import Level
from llmmon.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, Finding

_UNKNOWN = lazily.pattern(r"unknown grok pattern (\w+)")
_COMPLAINED = complained(
    {"unknown-pattern": "L008", "pattern-elsewhere": "L008", "ignored-text": "L032"}, ("pattern-elsewhere",)
)


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    folder = str(PurePath(pipeline.origin.document.path).parent)
    for found in _COMPLAINED(pipeline, facts):
        unknown = _UNKNOWN.match(found.message)
        if unknown is None or unknown[1] not in near.defined(folder):
            yield found


RULE = Rule(Pipeline, check, {"L008": Level.ERROR, "L032": Level.WARNING}, advice=frozenset(("L032",)))
