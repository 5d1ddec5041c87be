"""A label in a text that the alert's expression cannot have.

`sum by (job)` leaves the label `job` alone. A text about `{{ $labels.instance }}` then says nothing where the name of
the instance belongs, and nobody notices before the alert fires.

Bad:

    expr: sum by (job) (rate(app_errors_total[5m])) > 1
    annotations: {summary: "{{ $labels.instance }} fails"}

    expr: absent(up{job="chat"})
    annotations: {summary: "{{ $labels.instance }} is gone"}

    expr: count without (instance) (up == 0) > 3
    labels: {host: "{{ $labels.instance }}"}

Good:

    expr: sum by (job, instance) (rate(app_errors_total[5m])) > 1
    annotations: {summary: "{{ $labels.instance }} fails"}

    expr: rate(app_errors_total[5m]) > 1
    annotations: {summary: "{{ $labels.instance }} fails"}

    expr: absent(up{job="chat"})
    annotations: {summary: "{{ $labels.job }} is gone"}

    expr: sum by (job) (rate(app_errors_total[5m])) > 1
    labels: {team: chat}
    annotations: {summary: "{{ $labels.job }} of {{ $externalLabels.cluster }} fails"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Number, result_labels
from llmmon.promql.fold import bare
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys, Span
    from llmmon.promql import Labels
    from llmmon.rule import Expression, Facts

_ALWAYS = ("__name__", "alertname")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None:
        return
    result: Labels | None = None
    said: set[tuple[Keys, Span]] = set()
    for keys, label, span in (*_written(rule, facts), *_executed(rule, facts)):
        if result is None:
            seen = rule.expression.groups(facts)
            if seen is not None and label in seen:
                continue
            flow = rule.expression.flow(facts)
            if flow.apart or any(_hardly_meet(node, facts) for node in rule.expression.of(Binary)):
                return  # that is said, and what mends it changes the labels
            result = flow.labels
        if label in result or label in _ALWAYS or (keys, span) in said:
            continue
        said.add((keys, span))
        had = ", ".join(sorted(result.names)) or "none"
        message = f"the expression gives no label {label}: {_kept(rule.expression)}take it out of the text"
        if not result.open:
            message += f"; it gives {had}"
        yield Finding("T005", message, span, keys)


def _kept(written: Expression) -> str:
    """Where an expression could keep a label; one of what is absent has no such place."""
    if written.of(Aggregate):
        return "keep it in by (...), or "
    return "keep it in on (...), or " if any(node.matching for node in written.of(Binary)) else ""


def _hardly_meet(node: Binary, facts: Facts) -> bool:
    """Whether all labels of one side are known, and the other side has most likely more."""
    if node.op == "or" or node.matching or Number in (type(bare(node.lhs)), type(bare(node.rhs))):
        return False
    left, right = (result_labels(side, facts.labels) for side in (node.lhs, node.rhs))
    return left.open != right.open


def _written(rule: AlertingRule, facts: Facts) -> Iterator[tuple[Keys, str, Span]]:
    for written in templates.of(rule, facts):
        for label, span in written.labels:
            yield written.keys, label, span


def _executed(rule: AlertingRule, facts: Facts) -> Iterator[tuple[Keys, str, Span]]:
    """Where a label is read in another way: `.Labels.x`, `index $labels "x"`, `with $labels`."""
    for written, results in templates.executed(rule, facts):
        for read in (read for result in results for read in result.reads if read.map.name == "labels"):
            yield written.keys, read.key, read.span


RULE = Rule(AlertingRule, check, {"T005": Level.WARNING}, peers=("pint alerts/template",))
