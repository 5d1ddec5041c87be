"""A legend with a label that the result does not have.

Grafana writes nothing in its place, and all lines have the same name, or none. What a query groups by is all that its
result has. A word such as Shipped is no label: it belongs there without braces.

Bad:

    {targets: [{expr: 'sum by (job) (rate(app_requests_total[5m]))', legendFormat: '{{instance}}'}]}

    {targets: [{expr: 'sum(up)', legendFormat: '{{ job }}'}]}

Good:

    {targets: [{expr: 'sum by (job) (rate(app_requests_total[5m]))', legendFormat: '{{job}}'}]}

    {targets: [{expr: 'up', legendFormat: '{{zone}}'}]}

    {targets: [{expr: 'sum(up)', legendFormat: 'All of {{job}}', format: table}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.classes import replace
from llmmon.documents.dashboards import Query, at
from llmmon.problem import Level
from llmmon.promql import flow
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_UNSEEN = ("stat", "gauge", "singlestat", "heatmap", "histogram")  # whose names nobody sees
_WORD = lazily.pattern(r"\w+")
_LABEL = lazily.pattern(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    legend = query.target.get("legendFormat")
    if query.use != "panel" or not isinstance(legend, str) or "{{" not in legend or query.hidden:
        return
    changed = query.panel.get("transformations")
    if query.panel.get("type") in _UNSEEN or (changed and query.panel.get("type") in ("table", "bargauge")):
        return
    if "timeSeriesTable" in str(changed) or at(query.panel, "fieldConfig", "defaults", "displayName"):
        return
    if query.target.get("format") in ("table", "heatmap") or not query.readings.parsed:
        return
    flows = [
        flow(reading.expr, lambda selector: facts.series(selector.name).labels) for reading in query.readings.parsed
    ]
    if any(found.apart for found in flows):
        return  # which is said, and nobody knows which labels were meant
    results = [found.labels for found in flows]
    offered = {
        word for variable in query.variables.values() for value in variable.values for word in _WORD.findall(value)
    }
    missing = [
        found
        for found in _LABEL.finditer(legend)
        if found[1] != "__name__" and not any(result.open or found[1] in result for result in results)
        if found[1] not in offered  # for a variable that may say what to group by
    ]
    if missing:
        each = list(dict.fromkeys(repr(found[1]) for found in missing))
        named = f"label {each[0]}" if len(each) == 1 else f"labels {' and '.join(each)}"
        names = ", ".join(sorted(results[0].names)) or "no labels"
        it = "it" if len(each) == 1 else "them"
        place = replace(query.origin, keys=(*query.origin.keys[:-1], "legendFormat"))
        if all(found[1].istitle() and found[1].lower() not in results[0].names for found in missing):
            message = f"the result has no {named}: write {it} without braces"
            yield Finding("D032", message, missing[0].span(1), origin=place, level=Level.NOTE)
            return
        message = f"the result has no {named}, it has {names}: group by {it}, or leave {it} out of the legend"
        yield Finding("D032", message, missing[0].span(1), origin=place)


RULE = Rule(Query, check, {"D032": Level.WARNING})
