"""A branch or a filter that no event comes to.

An `else if` that repeats a condition from above it in the same chain gets nothing, and neither does a filter behind a
`drop` that drops everything.

Bad:

    filter { if [a] == "x" { mutate { } } else if [a] == "x" { drop { } } }

    filter { if [a] { drop { } mutate { add_tag => ["dropped"] } } }

Good:

    filter { if [a] == "x" { mutate { } } else if [a] == "y" { drop { } } }

    filter { if [a] { mutate { add_tag => ["dropped"] } drop { } } }

    filter { drop { percentage => 90 } mutate { add_tag => ["kept"] } }
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Pipeline
from llmmon.logstash.nodes import Arm, Branch, Else, Plugin, Section, walk
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.nodes import Statement
    from llmmon.rule import Facts

_SPACE = lazily.pattern(r"\s+")


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    text = pipeline.config.text
    for section in pipeline.config.sections:
        if section.kind == "input":
            continue
        for node in walk(section):
            if isinstance(node, Branch):
                yield from _repeated(node, text)
            elif isinstance(node, Section | Arm | Else):
                yield from _dropped(node.body)


def _repeated(branch: Branch, text: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for arm in branch.arms:
        said = _SPACE.sub(" ", text[slice(*arm.condition.span)])
        if said in seen:
            message = "a branch above has the same condition, so this one gets nothing: change it, or remove it"
            yield Finding("L018", message, arm.condition.span)
        seen.add(said)


def _dropped(body: tuple[Statement, ...]) -> Iterator[Finding]:
    for before, after in pairwise(body):
        if isinstance(before, Plugin) and before.name == "drop" and not before.attribute("percentage"):
            message = "drop before it takes every event, so this one gets nothing: write it before drop"
            yield Finding("L018", message, after.name_span if isinstance(after, Plugin) else after.span)
            return


RULE = Rule(Pipeline, check, {"L018": Level.WARNING})
