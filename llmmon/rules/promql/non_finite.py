"""A mean or a sum that one series makes infinite, or no number at all.

Where one replica had no request, 0 / 0 is NaN, and the sum over all replicas is NaN with it: whatever the others say is
lost. Divide what is summed, or leave the divisors that are 0 out first. Where there is one series only, nothing else is
lost with it.

Bad:

    sum(rate(app_errors_total[5m]) / rate(app_requests_total[5m]))

    avg by (model) (app_queue_length % app_workers)

Good:

    sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))

    sum(rate(app_errors_total[5m]) / (rate(app_requests_total[5m]) > 0))

    avg(app_queue_length / clamp_min(app_workers, 1))

    max(app_queue_length / app_workers)

    sum(app_queue_length / app_workers > 0.5)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Selector, result_labels
from llmmon.promql.division import unsafe
from llmmon.promql.fold import selectors
from llmmon.promql.unread import unread
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_MANY = 4  # labels: what is grouped by as many is mostly one series each
_ONE = frozenset(("host", "instance", "instance_id", "node", "pod"))
_MIXING = frozenset(("avg", "stddev", "stdvar", "sum"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    labels_only: frozenset[int] | None = None
    for node in written.of(Aggregate):
        if node.op in _MIXING:
            found = unsafe(node.expr, lambda name: name in facts.recorded and facts.series(name).unsafe)
            if found is None or _is_one(node, found, facts):
                continue
            labels_only = unread(written.expr) if labels_only is None else labels_only
            if id(node) not in labels_only:
                yield _said(node, found)


def _said(node: Aggregate, found: Binary | Selector) -> Finding:
    if isinstance(found, Selector):
        message = f"{found.name} is recorded as a division by what may be 0: one such series makes this {node.op} NaN"
        return Finding("Q041", message, found.span)
    message = f"where this divides by 0, the whole {node.op} is no number: write {found.op} (... > 0)"
    return Finding("Q041", message, found.rhs.span)


def _is_one(node: Aggregate, found: Binary | Selector, facts: Facts) -> bool:
    """Whether what is aggregated, each time, is one series, or has one divisor."""
    labels = result_labels(node.expr, lambda selector: facts.series(selector.name).labels)
    by = node.grouping.labels if node.grouping and node.grouping.kind == "by" else ()
    pinned = {matcher.label for one in selectors(found) for matcher in one.matchers if matcher.op == "="}
    if not labels.open and labels.names <= pinned.union(by):
        return True
    matching = found.matching if isinstance(found, Binary) else None
    if matching and matching.kind == "on" and matching.labels and set(matching.labels) <= set(by):
        return True
    if node.op == "sum" and not _ONE.isdisjoint(by):
        return True  # nobody sums up the shares of one instance
    return len(pinned.union(by)) >= _MANY and bool(by)


RULE = Rule(
    Expression,
    check,
    {"Q041": Level.NOTE},
    peers=("pint promql/nan",),
    words=("/", "%", ":"),
    default=False,
)
