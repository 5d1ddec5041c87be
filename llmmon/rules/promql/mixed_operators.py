"""`and` or `unless` beside `or`, without parentheses.

`and` and `unless` bind closer than `or`: `a or b and c` is `a or (b and c)`, and half of all readers see
`(a or b) and c`. Parentheses say which one is meant.

Bad:

    app_queue_length > 5 or app_jobs > 3 and app_cpu_usage_ratio > 0.9

    up unless app_jobs or vector(0)

Good:

    app_queue_length > 5 or (app_jobs > 3 and app_cpu_usage_ratio > 0.9)

    (app_queue_length > 5 or app_jobs > 3) and app_cpu_usage_ratio > 0.9

    app_queue_length > 5 and app_jobs > 3
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Binary
from llmmon.rule import Edit, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_CLOSER = ("and", "unless")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    for node in written.of(Binary):
        if node.op != "or":
            continue
        for side in (node.lhs, node.rhs):
            if isinstance(side, Binary) and side.op in _CLOSER:
                start, end = side.span
                edits = (Edit("(", (start, start)), Edit(")", (end, end))) if written.text else ()
                message = f'"{side.op}" binds closer than "or": write parentheses around it'
                yield Finding("Q043", message, side.op_span, edits=edits, safe=True)
                if written.purpose == "panel":
                    return  # once is enough for a chain of them


RULE = Rule(Expression, check, {"Q043": Level.NOTE}, words=("and", "AND", "unless", "UNLESS"), default=False)
