"""A variable that nothing on its dashboard uses.

People choose in it and nothing changes; Grafana asks the server for its values all the same. A dashboard that hands
its variables on in links is left alone.

Bad:

    {templating: {list: [{name: job, type: query}]}, panels: [{targets: [{expr: up}]}]}

Good:

    {templating: {list: [{name: job, type: query}]}, panels: [{targets: [{expr: 'up{job="$job"}'}]}]}

    {templating: {list: [{name: job, type: query}]}, panels: [{repeat: job, targets: [{expr: up}]}]}

    {templating: {list: [{name: job, type: query}]}, links: [{type: dashboards, includeVars: true}]}
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from llmmon.documents.dashboards import Dashboard
from llmmon.documents.interpolation import references
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_BY_ITSELF = ("adhoc", "groupby", "system")  # works without being named
_ALL = "__all_variables"


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    kinds = [variable for variable in dashboard.variables if variable.kind not in _BY_ITSELF and variable.name]
    if not kinds:
        return
    outside = dict(dashboard.value)
    outside.pop("templating", None)
    used = _used(outside)
    if _ALL in used:
        return
    asking = [_used(_asking(variable.value)) for variable in kinds]
    asked = Counter(name for names in asking for name in names)
    for variable, own in zip(kinds, asking, strict=True):
        here = asked[variable.name] - (variable.name in own)
        if variable.name not in used and not here and not _is_in_code(variable.name, dashboard):
            message = f"nothing on this dashboard uses ${variable.name}: use it, or remove it"
            gone = (Edit(None),)
            yield Finding("D012", message, origin=variable.origin, edits=gone, safe=True)


def _is_in_code(name: str, dashboard: Dashboard) -> bool:
    """Whether a panel of somebody's plugin, which may run code, has the name somewhere."""
    plugins = (panel.value for panel in dashboard.panels if panel.kind.endswith("-panel"))
    return any(name in str(value.get("options")) for value in plugins)


def _asking(value: Any) -> dict[str, Any]:
    """What of a variable may use others."""
    return {key: value.get(key) for key in ("query", "regex", "datasource", "allValue", "definition")}


def _used(value: Any) -> set[str]:
    """All names of variables below."""
    names: set[str] = set()
    todo = [value]
    while todo:
        match todo.pop():
            case str(text):
                if "$" in text or "[[" in text:
                    names.update(one.name for one in references(text))
            case list(items):
                todo += items
            case dict(items):
                todo += items.values()
                if isinstance(repeat := items.get("repeat"), str):
                    names.add(repeat)
                if items.get("includeVars") or "libraryPanel" in items:  # whose queries are somewhere else
                    names.add(_ALL)
    return names


RULE = Rule(Dashboard, check, {"D012": Level.NOTE})
