"""A dashboard without a variable for its data source, or with one of an unusual name.

With a variable it shows the data of any server, and dashboards that link to each other hand it on, if all call it
the same.

Bad:

    {panels: [{type: stat, title: A, datasource: {type: prometheus, uid: x}, targets: [{expr: up}]}]}

    {templating: {list: [{name: ds, type: datasource, query: prometheus}]}}

Good:

    {templating: {list: [{name: datasource, type: datasource, query: prometheus}]}}

    {templating: {list: [{name: prometheus_datasource, type: datasource, query: prometheus},
     {name: loki_datasource, type: datasource, query: loki}]}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    sources = [variable for variable in dashboard.variables if variable.kind == "datasource"]
    if not sources and any(panel.queries for panel in dashboard.panels):
        message = "it has no variable for its data source: add one of the type datasource that is called datasource"
        yield Finding("D008", message)
    for variable in sources:
        usual = [f"{variable.query}_datasource", *(("datasource",) if len(sources) == 1 else ())]
        if variable.name not in usual:
            message = f"${variable.name} is a data source: call it {usual[-1]}, as others do"
            yield Finding("D008", message, keys=("name",), origin=variable.origin)


RULE = Rule(
    Dashboard,
    check,
    {"D008": Level.WARNING},
    peers=("dashboard-linter template-datasource-rule", "mixtool"),
    default=False,
)
