"""A dashboard that cannot be narrowed to a job and an instance.

Where all dashboards have `$job` and `$instance`, and each selector matches them, people find the one process that
behaves otherwise. Others select by namespace and pod, or need neither: this is a matter of taste.

Bad:

    up

    {templating: {list: [{name: job, type: query, multi: true, allValue: .+},
     {name: instance, type: query, multi: true, allValue: .+}]}, panels: [{targets: [{expr: 'up{job=~"$job"}'}]}]}

Good:

    {templating: {list: [{name: job, type: query, multi: true, allValue: .+},
     {name: instance, type: query, multi: true, allValue: .+}]},
     panels: [{targets: [{expr: 'up{job=~"$job", instance=~"$instance"}'}]}]}

    {targets: [{expr: 'sum(rate({app="x"}[5m]))', datasource: {type: loki}}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard
from llmmon.problem import Level
from llmmon.promql.fold import selectors
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Query
    from llmmon.rule import Facts

_LABELS = ("job", "instance")


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    variables = {variable.name: variable for variable in dashboard.variables}
    queries = [query for panel in dashboard.panels for query in panel.queries if query.readings.parsed]
    if not queries:
        return
    for label in _LABELS:
        variable = variables.get(label)
        if variable is None:
            yield Finding("D010", f"it has no variable ${label}: add one, of several values")
            continue
        if not (variable.multi and variable.value.get("allValue") == ".+" and variable.kind == "query"):
            message = f"${label} takes no several values, or All is not .+: write multi: true and allValue: .+"
            yield Finding("D010", message, origin=variable.origin)
        for query in queries:
            yield from _selectors(query, label)


def _selectors(query: Query, label: str) -> Iterator[Finding]:
    reading = query.readings.parsed[0]
    for selector in selectors(reading.expr):
        chosen = [m for m in selector.matchers if m.label == label and m.op == "=~"]
        if not any(f"${label}" in query.text[slice(*reading.written.home(m.span))] for m in chosen):
            message = f'this selector does not follow ${label}: add {label}=~"${label}"'
            yield Finding("D010", message, reading.written.home(selector.span), origin=query.origin)


RULE = Rule(
    Dashboard,
    check,
    {"D010": Level.NOTE},
    peers=(
        "dashboard-linter template-job-rule",
        "dashboard-linter template-instance-rule",
        "dashboard-linter target-job-rule",
        "dashboard-linter target-instance-rule",
        "mixtool",
    ),
    default=False,
)
