"""A variable whose values are asked for only when the dashboard is loaded, or never.

What started in the chosen time is not in the list, and what is saved in the dashboard's file is offered for ever.

Bad:

    {templating: {list: [{name: job, type: query, query: 'label_values(up, job)', refresh: 0}]}}

    {templating: {list: [{name: job, type: query, query: 'label_values(up, job)', refresh: 1}]}}

Good:

    {templating: {list: [{name: job, type: query, query: 'label_values(up, job)', refresh: 2}]}}

    {templating: {list: [{name: job, type: custom, query: 'a, b'}]}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Variable
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_WHEN = {0: "never", 1: "only when the dashboard is loaded"}


def check(variable: Variable, facts: Facts) -> Iterator[Finding]:
    del facts
    refresh = variable.value.get("refresh", 0)
    if variable.kind == "query" and isinstance(refresh, int) and refresh in _WHEN:
        message = (
            f"${variable.name} asks for its values {_WHEN[refresh]}: write refresh: 2, when the time range changes"
        )
        written = "refresh" in variable.value
        edits = (Edit("2", keys=("refresh",)),) if written else ()
        yield Finding("D015", message, keys=("refresh",) if written else (), edits=edits, safe=bool(edits))


RULE = Rule(
    Variable,
    check,
    {"D015": Level.NOTE},
    peers=("dashboard-linter template-on-time-change-reload-rule", "mixtool"),
    default=False,
)
