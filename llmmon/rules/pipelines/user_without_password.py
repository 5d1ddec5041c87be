"""An elasticsearch output that has a user and no password.

Logstash then sends no credentials at all, and says nothing.

Bad:

    output { elasticsearch { hosts => "https://es:9200" user => "logstash" } }

Good:

    output { elasticsearch { hosts => "https://es:9200" user => "logstash" password => "${ES_PASSWORD}" } }
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
    yield from pipeline.findings({"user-without-password": "L029"})


RULE = Rule(Pipeline, check, {"L029": Level.WARNING})
