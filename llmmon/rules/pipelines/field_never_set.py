"""A field that is read before anything has set it, or that nothing sets.

Said only where all is known: every input brings lines of text, and no filter brings fields whose names are not in the
pipeline. Events of Beats, of Kafka or in JSON have fields that nobody can see here.

Bad:

    input { stdin { } }
    filter { if [status] { drop { } } }
    output { stdout { } }

    input { stdin { } }
    filter { if [status] { drop { } } grok { match => { "message" => "%{INT:status}" } } }
    output { stdout { } }

Good:

    input { stdin { } }
    filter { grok { match => { "message" => "%{INT:status}" } } if [status] { drop { } } }
    output { stdout { } }

    input { beats { port => 5044 } }
    filter { if [status] { drop { } } }
    output { stdout { } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Joined
from llmmon.logstash.flow import Produced, root
from llmmon.logstash.nodes import Arm, Branch, FieldReference, Plugin, String, walk
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.nodes import Span, Statement
    from llmmon.logstash.options import PluginKind
    from llmmon.rule import Facts

_READ = lazily.pattern(r"%\{([^}+]+)\}")


def check(whole: Joined, facts: Facts) -> Iterator[Finding]:
    del facts
    if not whole.complete:
        return
    every = Produced()
    for kind, plugin, _ in whole.plugins():
        every.add(kind, plugin)
    if every.open:
        return
    before = Produced()
    said: set[str] = set()
    for kinds in (("input",), ("filter",), ("output",)):  # in which order an event comes by
        for part in whole.parts:
            for section in part.config.sections:
                if section.kind not in kinds:
                    continue
                for name, span in _reads(section.kind, section.body, before):
                    if name not in said:
                        said.add(name)
                        at = part.origin.at(span=span)
                        yield Finding(*_found(name, every), origin=at)


def _found(name: str, every: Produced) -> tuple[str, str]:
    if name in every.names:
        return "L012", f"[{name}] is read here, and set only further below: move what sets it up"
    return "L013", f"nothing in this pipeline sets [{name}]: correct the name, or remove this"


def _reads(kind: PluginKind, body: tuple[Statement, ...], before: Produced) -> Iterator[tuple[str, Span]]:
    """The fields that are read while nothing has set them; what the statements set is added."""
    for statement in body:
        if isinstance(statement, Branch):
            arms = statement.arms
            for arm in arms:
                yield from _unset(arm, before)
            for inside in (*arms, *((statement.otherwise,) if statement.otherwise else ())):
                yield from _reads(kind, inside.body, before)
            continue
        before.add(kind, statement)
        yield from _unset(statement, before)


def _unset(node: Arm | Plugin, before: Produced) -> Iterator[tuple[str, Span]]:
    for inner in walk(node.condition if isinstance(node, Arm) else node):
        if isinstance(inner, FieldReference):
            names = [inner.path[0]]
        elif isinstance(inner, String) and isinstance(node, Plugin) and node.name not in ("grok", "dissect"):
            names = [root(name) for name in _READ.findall(inner.text)]
        else:
            continue
        yield from ((name, inner.span) for name in names if name not in before.names and name[0] not in "\"'")


RULE = Rule(Joined, check, {"L012": Level.WARNING, "L013": Level.WARNING}, advice=frozenset(("L012", "L013")))
