"""The same query twice in one panel.

It draws one line over the other, and costs the server twice. Where the two are asked in different ways, as an instant
and along the time axis, each has its use.

Bad:

    {targets: [{refId: A, expr: sum(up)}, {refId: B, expr: 'sum(up) '}]}

    {targets: [{refId: A, expr: up, legendFormat: '{{job}}'}, {refId: B, expr: up, legendFormat: '{{job}}'}]}

Good:

    {targets: [{refId: A, expr: sum(up)}, {refId: B, expr: count(up)}]}

    {targets: [{refId: A, expr: up}, {refId: B, expr: up, instant: true}]}

    {targets: [{refId: A, expr: up}, {refId: B, expr: up, legendFormat: '{{job}}'}]}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Panel, at, maps
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_OTHERWISE = ("datasource", "exemplar", "format", "instant", "interval", "intervalFactor", "range", "step")
_NAMED = ("legendFormat",)


def check(panel: Panel, facts: Facts) -> Iterator[Finding]:
    del facts
    if len(panel.queries) < 2:
        return
    seen: dict[str, str] = {}
    for query in panel.queries:
        if query.target.get("hide"):
            continue  # it is not asked
        asked = [" ".join(query.text.split()), *(query.target.get(key) for key in (*_OTHERWISE, *_NAMED))]
        key = json.dumps(asked, sort_keys=True)
        ref = str(query.target.get("refId") or "")
        if key in seen and not _is_told_apart(panel, ref):
            other = f" ({seen[key]})" if seen[key] else ""
            yield Finding("D031", f"this panel asks the same twice{other}: remove one", origin=query.origin)
        seen.setdefault(key, ref)


def _is_told_apart(panel: Panel, ref: str) -> bool:
    """Whether a query has a column or a look of its own, as `Value #B` has."""
    overrides = at(panel.value, "fieldConfig", "overrides")
    named = any(at(override, "matcher", "options") == ref for _, override in maps(overrides))
    return bool(ref) and (named or f"#{ref}" in str((overrides, panel.value.get("transformations"))))


RULE = Rule(Panel, check, {"D031": Level.NOTE})
