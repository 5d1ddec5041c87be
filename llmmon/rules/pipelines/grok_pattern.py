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

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(
    Pipeline,
    complained(
        {"unknown-pattern": "L008", "pattern-elsewhere": "L008", "ignored-text": "L032"}, ("pattern-elsewhere",)
    ),
    {"L008": Level.ERROR, "L032": Level.WARNING},
)
