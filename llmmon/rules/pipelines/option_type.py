"""A value that its option cannot take: no number, no boolean, none of its words, or not in pairs or threes.

Logstash does not start with it. `gsub` is different: its list is counted when the filter starts, and `rename` to a list
makes a field that is named like the list.

Bad:

    input { tcp { port => "all" } }

    filter { grok { match => { "message" => "%{INT:a}" } break_on_match => "no" } }

    filter { mutate { gsub => ["message", "a"] } }

Good:

    input { tcp { port => "5000" } }

    filter { grok { match => { "message" => "%{INT:a}" } break_on_match => false } }

    filter { mutate { gsub => ["message", "a", "b"] } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Pipeline, complained
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Array, Hash, plugins
from llmmon.logstash.option_types import BOOLEANS, NUMBERS, PAIRS, WORDS
from llmmon.logstash.values import scalars, text_of
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.nodes import Attribute, Plugin
    from llmmon.logstash.options import PluginKind
    from llmmon.rule import Facts

_PLACEHOLDER = lazily.pattern(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+")  # what somebody replaces before Logstash reads it
_NUMBER = lazily.pattern(r"-?[0-9]+(?:\.[0-9]+)?")
_LISTS = complained({"bad-gsub": "L004", "bad-rename": "L004"})


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    yield from _LISTS(pipeline, facts)
    for kind, plugin in plugins(pipeline.config):
        for attribute in plugin.attributes:
            wanted = _wanted(kind, plugin, attribute)
            if wanted:
                message = f"{attribute.name} of {plugin.name} {wanted}"
                yield Finding("L004", message, attribute.value.span)


def _wanted(kind: PluginKind, plugin: Plugin, attribute: Attribute) -> str | None:
    """What the option takes, where this is something else."""
    name, value = attribute.name, attribute.value
    key = (kind, plugin.name, name)
    if key in PAIRS or (name == "add_field" and kind in ("input", "filter")):
        return _pairs(attribute)
    texts = [text_of(one) for one in scalars(value)]
    if isinstance(value, Hash) or any(VARIABLE.search(text) or _PLACEHOLDER.fullmatch(text) for text in texts):
        return None
    if key in NUMBERS and not (len(texts) == 1 and _NUMBER.fullmatch(texts[0])):
        return "is a number: write it without anything else" if texts else None
    words = WORDS.get(key) or (("true", "false") if key in BOOLEANS or name == "enable_metric" else ())
    if words and len(texts) == 1 and texts[0] not in words:
        return f"takes no {texts[0][:40]!r}: write {' or '.join(words) if len(words) < 4 else ', '.join(words)}"
    return None


def _pairs(attribute: Attribute) -> str | None:
    value = attribute.value
    if isinstance(value, Hash) or not scalars(value):
        return None
    if not isinstance(value, Array):
        return 'is a hash: write { "key" => "value" }'
    return f"takes pairs, and here are {len(value.values)}: write a hash" if len(value.values) % 2 else None


RULE = Rule(Pipeline, check, {"L004": Level.ERROR}, peers=("logstash -t",))
