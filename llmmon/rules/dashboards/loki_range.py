"""A range in LogQL that is not `$__auto`.

Grafana has no `$__rate_interval` for Loki; `$__auto` follows the graph, and the step at one instant.

Bad:

    {targets: [{expr: 'sum(rate({app="x"}[5m]))', datasource: {type: loki}}]}

    {targets: [{expr: 'sum(rate({app="x"} |= "error" [$__interval]))', datasource: {type: loki}}]}

Good:

    {targets: [{expr: 'sum(rate({app="x"}[$__auto]))', datasource: {type: loki}}]}

    {targets: [{expr: '{app="x"} |= "[5m]"', datasource: {type: loki}}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Query
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_PARTS = lazily.pattern(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\[\s*([^\[\]"`]+?)\s*\]')
_WANTED = "$__auto"


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    if query.language != "logql" or query.use != "panel":
        return
    for found in _PARTS.finditer(query.text):
        if found[1] and found[1] not in (_WANTED, "${__auto}"):
            message = f"[{found[1]}] does not follow the graph: write [{_WANTED}]"
            yield Finding("D029", message, found.span(1), edits=(Edit(_WANTED, found.span(1)),))


RULE = Rule(
    Query,
    check,
    {"D029": Level.NOTE},
    peers=("dashboard-linter target-logql-auto-rule", "mixtool"),
    default=False,
)
