"""A plugin that nobody publishes, with a name close to one that is published.

Logstash does not start with a plugin that it does not have. A name that is close to none is taken for a plugin of your
own, and left alone.

Bad:

    filter { mutat { } }

Good:

    filter { mutate { lowercase => ["level"] } }

    filter { our_own_things { } }
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
    yield from pipeline.findings({"unknown-plugin": "L002"})


RULE = Rule(Pipeline, check, {"L002": Level.WARNING}, peers=("logstash -t",))
