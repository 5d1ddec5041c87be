"""A rule that sorts its result.

What a rule records, or which alerts it raises, has no order: the sorting is computed and forgotten.

Bad (record):

    sort_desc(sum by (model) (rate(app_requests_total[5m])))

Good (record):

    sum by (model) (rate(app_requests_total[5m]))

    topk(3, app_queue_length)

Good (panel):

    sort_desc(app_queue_length)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Call
from llmmon.promql.fold import bare
from llmmon.rule import Edit, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_SORTS = frozenset(("sort", "sort_desc", "sort_by_label", "sort_by_label_desc"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    node = bare(written.expr)
    if written.purpose not in ("alert", "record") or not isinstance(node, Call) or node.func not in _SORTS:
        return
    inner = node.args[0].span
    kept = written.text[inner[0] : inner[1]]
    edits = (Edit(kept, node.span),) if len(node.args) == 1 and kept else ()
    message = f"the result of a rule has no order: leave {node.func} out"
    yield Finding("Q053", message, (node.span[0], node.span[0] + len(node.func)), edits=edits, safe=True)


RULE = Rule(Expression, check, {"Q053": Level.NOTE}, words=("sort",))
