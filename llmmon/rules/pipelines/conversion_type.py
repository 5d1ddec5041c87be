"""A type that mutate, dissect or grok cannot convert to.

Each has words of its own: `integer` in mutate is `int` in dissect and grok. With a wrong one mutate and dissect kill
the pipeline when it starts, and grok leaves a text where a number was meant.

Bad:

    filter { mutate { convert => { "tokens" => "int" } } }

    filter { grok { match => { "message" => "%{NUMBER:cost:integer}" } } }

Good:

    filter { mutate { convert => { "tokens" => "integer" } } }

    filter { grok { match => { "message" => "%{NUMBER:cost:float}" } } }

    filter { dissect { mapping => { "message" => "%{a} %{b}" } convert_datatype => { "a" => "int" } } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.logstash.nodes import plugins
from llmmon.logstash.values import hash_entries, text_of
from llmmon.problem import Level
from llmmon.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, Finding

_FATAL = complained({"unknown-type": "L014"})
_OF_GROK = complained({"unknown-grok-type": "L014"})


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    yield from _FATAL(pipeline, facts)
    if "unknown-grok-type" in pipeline.complaints:
        converted = _converted(pipeline)
        for found in _OF_GROK(pipeline, facts):
            reference = pipeline.config.text[slice(*found.span)] if found.span else ""
            if reference.split(":")[1:2] and _name(reference.split(":")[1]) not in converted:
                yield found


def _converted(pipeline: Pipeline) -> set[str]:
    """The fields that mutate converts anyway."""
    mutates = [plugin for kind, plugin in plugins(pipeline.config) if (kind, plugin.name) == ("filter", "mutate")]
    return {_name(text_of(entry.key)) for plugin in mutates for entry in hash_entries(plugin, "convert")}


def _name(field: str) -> str:
    return field.strip("[]") if "][" not in field else field


RULE = Rule(Pipeline, check, {"L014": Level.ERROR})
