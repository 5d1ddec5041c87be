"""A selector that names no metric.

`{job="api"}` reads every series of the job: hundreds of metrics, of which an expression means one. Prometheus finds
them all through one index, and what the next release adds changes the result. A range of such series is left alone,
for it may be of logs, which have no names, and so is a count, which is of all of them.

Bad:

    sum({job="api"})

    {job="api"} == 0

Good:

    sum(up{job="api"})

    count by (instance) ({job="api"})

    {__name__="up",job="api"}

    sum by (level) (count_over_time({job="api"}[5m]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Range, Selector
from llmmon.promql.fold import bare
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    nameless = [part for part in written.of(Selector) if part.name is None]
    if not nameless or any(map(_counts, written.of(Aggregate))):
        return  # that is how one counts series
    ranged = {id(part.selector) for part in written.of(Range)}
    for selector in nameless:
        if id(selector) not in ranged and not any(matcher.label == "__name__" for matcher in selector.matchers):
            message = "this reads every metric of these series: name one, or write __name__=~ for several"
            yield Finding("Q012", message, selector.span)


def _counts(node: Aggregate) -> bool:
    if node.op in ("count", "group") and isinstance(bare(node.expr), Selector):
        return True
    return node.grouping is not None and "__name__" in node.grouping.labels


RULE = Rule(
    Expression,
    check,
    {"Q012": Level.WARNING},
    peers=("promruval expressionSelectsMetricByName",),
    words=("{",),
    advice=frozenset(("Q012",)),
)
