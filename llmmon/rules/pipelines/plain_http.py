"""An output that sends in plain text to another machine.

Bad:

    output { elasticsearch { hosts => ["http://es.example:9200"] } }

    output { http { url => "http://hooks.example/" http_method => "post" } }

Good:

    output { elasticsearch { hosts => ["https://es.example:9200"] } }

    output { elasticsearch { hosts => ["http://localhost:9200"] } }
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
    yield from pipeline.findings({"plain-http": "L028"})


RULE = Rule(Pipeline, check, {"L028": Level.NOTE}, default=False)
