"""A label of a rule that does not arrive, or takes the place of one that its expression has.

Prometheus sets `alertname` itself. A static label over one by which the expression groups makes one label set of
several, and Prometheus then refuses the whole result. A label that the server adds to everything is not added where a
rule has one of that name.

Bad:

    expr: sum by (severity) (rate(log_messages_total[5m])) > 5
    labels: {severity: warning}

    expr: job:errors:ratio > 0.05
    labels: {alertname: HighErrorRate}

Good:

    expr: sum by (level) (rate(log_messages_total[5m])) > 5
    labels: {severity: warning}

    expr: sum by (team) (rate(log_messages_total[5m])) > 5
    labels: {team: "{{ $labels.team }}-oncall"}

    expr: up{job="api"} == 0
    labels: {job: api}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    external = facts.external_labels or {}
    for name, value in rule.labels.items():
        keys = ("labels", name)
        if name == "alertname":
            message = f"Prometheus sets alertname to {rule.name} whatever stands here: remove it"
            level = Level.NOTE if value == rule.name else None
            yield Finding("R039", message, keys=keys, edits=(Edit(None, keys=keys),), level=level)
        elif name in external and external[name] != value:
            message = f"every alert has {name}={external[name]!r} from its server, and this one not: rename the label"
            yield Finding("R040", message, keys=keys)
    if rule.labels and rule.expression and (" by" in rule.expression.text or ")by" in rule.expression.text):
        yield from _replaced(rule, facts)


def _replaced(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    """The labels by which an expression groups, and which its rule sets to one value."""
    assert rule.expression
    groupings = (node.grouping for node in rule.expression.of(Aggregate))
    by = {label for grouping in groupings if grouping for label in grouping.labels}
    if by.isdisjoint(rule.labels):
        return
    flow = rule.expression.flow(facts).labels
    if flow.open:
        return
    for name, value in rule.labels.items():
        if name == "severity" and len(flow.names) > 1:
            continue  # each alert has its own, and the other labels tell its series apart
        if name in flow.names & by and name not in flow.fixed and name != "alertname" and value and "{{" not in value:
            message = f"the result is grouped by {name}, and all of it gets {name}={value!r} here: rename one of them"
            yield Finding("R041", message, keys=("labels", name))


RULE = Rule(
    AlertingRule,
    check,
    {"R039": Level.WARNING, "R040": Level.WARNING, "R041": Level.WARNING},
    peers=("pint labels/conflict",),
    advice=frozenset(("R039", "R040", "R041")),
)
