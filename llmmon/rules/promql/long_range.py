"""A day of raw series read again at every evaluation.

A subquery computes its inner expression anew for every step, and a graph over a month's range reads a month of raw
samples of many series for each of its points. A recording rule does it once. Of what is recorded, of an alert that
looks back less than a day, and of a panel of Grafana, whose readers wait for themselves, nothing is said.

Bad:

    avg_over_time(rate(http_requests_total{job="a"}[1h])[1d:1h])

    max_over_time(sum(rate(http_requests_total{job="a"}[5m]))[7d:5m])

Good:

    avg_over_time(job:http_requests:rate1h[1d])

    avg_over_time(job:http_requests:rate5m[1d:1h])

    max_over_time(sum(rate(http_requests_total{job="a"}[5m]))[30m:1m])

    increase(http_requests_total{job="a"}[1d])
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Range, Selector, Subquery
from llmmon.promql.fold import bare, selectors
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_MANY = 24  # steps
_HALF_A_DAY, _DAY, _WEEK = (hours * 3_600_000 for hours in (12, 24, 168))
_MINUTE = 60_000


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    graph = written.purpose == "panel"
    if written.purpose == "record" or (graph and (written.instant or written.beside is not None)):
        return
    for node in written.of(Subquery):
        if _is_much(node) and not _recorded(node, facts):
            message = "this computes its inner expression anew at every step: record that, and look back on the record"
            if isinstance(bare(node.expr), Selector):
                if node.step > _MINUTE:
                    continue  # it looks at few samples, which is cheaper than all
                length = duration.text(timedelta(milliseconds=node.range))
                message = f"this reads a series anew at every step, where a range does it: write [{length}]"
            yield Finding("Q018", message, node.span, level=Level.NOTE if graph else None)
    for window in written.of(Range) if graph and written.of(Aggregate) else ():  # of many series
        if window.range > _WEEK and not _is_recorded(window.selector.name, facts):
            message = "each point of this panel reads weeks of raw series: record it, or show it as a stat"
            yield Finding("Q069", message, window.span)
            return  # it is one record that is wanted


def _is_much(node: Subquery) -> bool:
    """Whether it computes something many times; a value for each day is a few."""
    return node.range >= _DAY and node.range >= _MANY * node.step and node.step < _HALF_A_DAY


def _recorded(node: Subquery, facts: Facts) -> bool:
    """Whether recording would be no help: it is recorded, or asks for the time of a sample."""
    inner = bare(node.expr)
    if isinstance(inner, Call) and inner.func == "timestamp":
        return True
    return all(_is_recorded(selector.name, facts) for selector in selectors(node.expr))


def _is_recorded(name: str | None, facts: Facts) -> bool:
    return name is not None and (":" in name or name in facts.recorded)


RULE = Rule(Expression, check, {"Q018": Level.WARNING, "Q069": Level.NOTE}, advice=frozenset(("Q018", "Q069")))
