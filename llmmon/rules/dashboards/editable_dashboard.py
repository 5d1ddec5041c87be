"""A dashboard that people may edit in Grafana, although it comes from a file.

What they change is gone with the next deployment, or keeps the file from being deployed.

Bad:

    {title: A, panels: [], editable: true}

    {title: A, panels: []}

Good:

    {title: A, panels: [], editable: false}

    {title: B, editable: false, panels: [{type: text, title: C}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    editable = dashboard.value.get("editable", True)
    if editable is not False:
        keys = ("editable",) if "editable" in dashboard.value else ()
        edits = (Edit("false", keys=keys),) if keys else ()
        message = "people may edit this dashboard, and lose it with the next deployment: write editable: false"
        yield Finding("D007", message, keys=keys, edits=edits, safe=bool(edits))


RULE = Rule(
    Dashboard,
    check,
    {"D007": Level.NOTE},
    peers=("dashboard-linter uneditable-dashboard", "mixtool"),
    default=False,
)
