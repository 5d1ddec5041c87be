"""A grok filter whose failures nobody looks at.

A line that does not match gets a tag and goes on without its fields, to the same index as all others. A condition on
the tag sends it elsewhere, or counts it.

Bad:

    input { beats { port => 5044 } }
    filter { grok { match => { "message" => "%{INT:a}" } } }
    output { elasticsearch { } }

Good:

    input { beats { port => 5044 } }
    filter { grok { match => { "message" => "%{INT:a}" } } }
    output { if "_grokparsefailure" in [tags] { file { path => "/var/log/unread" } } else { elasticsearch { } } }

    filter { grok { match => { "message" => "%{INT:a}" } } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Joined
from llmmon.logstash.nodes import Plugin, String, children
from llmmon.logstash.values import text_of, texts
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.nodes import Config, Node
    from llmmon.rule import Facts


def check(whole: Joined, facts: Facts) -> Iterator[Finding]:
    del facts
    if not whole.complete:
        return
    tested = {node.text for part in whole.parts for node in _outside(part.config)}
    for kind, plugin, part in whole.plugins():
        if kind != "filter" or plugin.name != "grok":
            continue
        tags = [text_of(value) for _, value in texts(plugin, "tag_on_failure")]
        if not plugin.attribute("tag_on_failure"):
            tags = ["_grokparsefailure"]
        if tags and not tested & {*tags}:
            message = f"nothing looks for {tags[0]}, so a line that does not match goes on unread: test for it"
            yield Finding("L020", message, origin=part.origin.at(span=plugin.name_span))


def _outside(config: Config) -> Iterator[String]:
    """The texts in conditions."""
    waiting: list[Node] = [config]
    while waiting:
        one = waiting.pop()
        if isinstance(one, String):
            yield one
        elif not isinstance(one, Plugin):
            waiting.extend(children(one))


RULE = Rule(Joined, check, {"L020": Level.NOTE}, default=False)
