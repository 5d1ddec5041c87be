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

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(
    Pipeline,
    complained({"single-element-list": "L035", "quoted-field": "L035", "and-before-or": "L031"}),
    {"L031": Level.WARNING, "L035": Level.ERROR},
)
