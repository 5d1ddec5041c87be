"""A plugin without an id.

Logstash then gives it a new one at each start, and its metrics have no history.

Bad:

    filter { json { source => "message" } }

Good:

    filter { json { source => "message" id => "parse" } }

    input { stdin { id => "lines" codec => plain { } } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Pipeline
from llmmon.logstash.nodes import plugins
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    for kind, plugin in plugins(pipeline.config):
        if kind != "codec" and not plugin.attribute("id"):
            yield Finding("L006", f'{plugin.name} has no id: write id => "a name"', plugin.name_span)


RULE = Rule(Pipeline, check, {"L006": Level.NOTE}, default=False)
