r"""A grok pattern whose repeated group repeats: matching a line that does not fit takes time without end.

`(\w+)*` splits a text in as many ways as it has letters, twice as many with each. Grok gives up after 30 seconds per
event, and until then a worker does nothing else.

Bad:

    filter { grok { match => { "message" => "^(?:\w+)* %{INT:n}$" } } }

Good:

    filter { grok { match => { "message" => "^\w+ %{INT:n}$" } } }

    filter { grok { match => { "message" => "^(?:\w+ )*%{INT:n}$" } } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Pipeline
from llmmon.logstash.checks.grok import patterns
from llmmon.logstash.nodes import plugins
from llmmon.logstash.values import text_of
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_CLASS = r"(?:\.|\\[wWsSdD]|\[(?:\\.|[^\]\\])++\]|%\{WORD(?::[^}]*)?\})[+*]"
_RUN = r"%\{(?:GREEDYDATA|NOTSPACE)(?::[^}]*)?\}"
_TWICE = lazily.pattern(rf"(?<!\\)\((?:\?:|\?<\w+>)?(?:{_CLASS}|{_RUN})\)[+*](?!\+)(?=[^)])")


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    for kind, plugin in plugins(pipeline.config):
        if kind != "filter" or plugin.name != "grok":
            continue
        for pattern in patterns(plugin):
            if found := _TWICE.search(text_of(pattern)):
                message = f"{found[0]} repeats what repeats, which takes time without end: write one repetition"
                start = pattern.span[0] + 1
                yield Finding("L010", message, (start + found.start(), start + found.end()))


RULE = Rule(Pipeline, check, {"L010": Level.WARNING}, advice=frozenset(("L010",)))
