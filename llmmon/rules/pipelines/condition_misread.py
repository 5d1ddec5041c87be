"""A condition that Logstash reads in another way than it looks.

`in ["x"]` asks for a field that is called `"x"`, because a list of one looks like a reference; `a and b and c or d`
binds in an order that no other language has.

Bad:

    filter { if [level] in ["error"] { drop { } } }

    filter { if [a] and [b] and [c] or [d] { drop { } } }

Good:

    filter { if [level] == "error" { drop { } } }

    filter { if ([a] and [b] and [c]) or [d] { drop { } } }

    filter { if [level] in ["error", "fatal"] { drop { } } }
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
    yield from pipeline.findings({"single-element-list": "L035", "quoted-field": "L035", "and-before-or": "L031"})


RULE = Rule(Pipeline, check, {"L031": Level.WARNING, "L035": Level.ERROR})
