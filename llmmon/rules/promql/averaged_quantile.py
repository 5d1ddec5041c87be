"""The sum or the mean of quantiles.

The 95th percentile of ten replicas is not the mean of their 95th percentiles: one that serves a tenth of the requests
would count as much as all the others. The quantile of a summary cannot be put together again; those of a histogram can,
as long as its buckets are summed first. The highest of the quantiles is at least a bound.

Bad:

    avg by (model) (app_latency_seconds{quantile="0.95"})

    sum(histogram_quantile(0.95, sum by (le, model) (rate(app_seconds_bucket[5m]))))

Good:

    max by (model) (app_latency_seconds{quantile="0.95"})

    histogram_quantile(0.95, sum by (le) (rate(app_seconds_bucket[5m])))

    sum(rate(app_latency_seconds_sum[5m])) / sum(rate(app_latency_seconds_count[5m]))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Range, Selector
from llmmon.promql.fold import bare
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_ADDING = ("avg", "sum")
_ENDS = ("0", "0.0", "0.5", "1", "1.0")  # the least, the middle and the most: a mean of those is what it says
_MEAN = lazily.pattern(r"\b(?:avg|average|mean)\b", re.IGNORECASE)
_LEVEL = lazily.pattern(r"in_?flight|queue_(?:depth|length|size)|concurren")
_OF_PROCESSES = ("go_", "process_")  # one series each
_ONE = frozenset(("instance", "pod"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    meant = written.purpose == "panel" and any(map(_MEAN.search, written.texts))
    if _ONE.isdisjoint(written.pinned) and not meant:  # of one process there is nothing to add up
        for node in written.of(Aggregate):
            if node.op in _ADDING:
                yield from _aggregate(node, facts)


def _aggregate(node: Aggregate, facts: Facts) -> Iterator[Finding]:
    grouping = node.grouping
    if grouping and grouping.kind == "by" and _ONE & set(grouping.labels):
        return
    if grouping and grouping.kind == "without" and "quantile" in grouping.labels:
        return  # only a label goes
    if _is_quantile(node.expr, facts):
        what = "mean" if node.op == "avg" else "sum"
        message = f"a {what} of quantiles is no quantile: write max, or sum the buckets before histogram_quantile"
        yield Finding("Q027", message, (node.span[0], node.span[0] + len(node.op)))


def _is_quantile(expr: Expr, facts: Facts) -> bool:
    node = bare(expr)
    if isinstance(node, Call) and node.func == "histogram_quantile":
        return True
    if isinstance(node, Call) and node.args and isinstance(node.args[0], Range) and node.func.endswith("_over_time"):
        node = node.args[0].selector
    if not isinstance(node, Selector) or node.name is None or node.name.endswith(("_sum", "_count")):
        return False
    if _LEVEL.search(node.name):
        return False  # how many there are at a time adds up
    if node.name.startswith(_OF_PROCESSES) and any(one.label in _ONE and one.op == "=" for one in node.matchers):
        return False
    matched = {one.value for one in node.matchers if one.label == "quantile" and one.op == "=" and one.value}
    if matched:
        return matched.isdisjoint(_ENDS)
    return "quantile" in (facts.series(node.name).labels or ())


RULE = Rule(Expression, check, {"Q027": Level.WARNING})
