"""Variables that wait for each other.

Grafana asks for a variable's values when those are known that its query names. In a circle it never asks.
A variable that names itself waits for nothing: it is asked with the value that it has.

Bad:

    {templating: {list: [{name: a, type: query, query: 'label_values(up{b="$b"}, a)'},
     {name: b, type: query, query: 'label_values(up{a="$a"}, b)'}]}}

Good:

    {templating: {list: [{name: a, type: query, query: 'label_values(up, a)'},
     {name: b, type: query, query: 'label_values(up{a="$a"}, b)'}]}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard
from llmmon.documents.interpolation import references
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.rule import Facts

_MOST = 300  # variables that are looked at; nobody has more, and each may lead to each


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    asked = [variable for variable in dashboard.variables if variable.kind == "query"][:_MOST]
    waits = {variable.name: {one.name for one in references(variable.query)} for variable in asked}
    for variable in asked:
        waits[variable.name].discard(variable.name)
    said: set[str] = set()
    for variable in asked:
        way = _back(variable.name, waits)
        if way and not said & set(way):
            said.update(way)
            shown = " -> ".join(f"${name}" for name in (*way, variable.name))
            message = f"these variables wait for each other: {shown}; leave one of them out of a query"
            yield Finding("D017", message, origin=variable.origin.at(*variable.query_keys))


def _back(start: str, waits: Mapping[str, set[str]]) -> list[str]:
    """A way from a variable to itself, empty where there is none."""
    before: dict[str, str] = {}
    todo = [start]
    while todo:
        here = todo.pop()
        for name in sorted(waits.get(here, ())):
            if name == start:
                way = [here]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if name not in before:
                before[name] = here
                todo.append(name)
    return []


RULE = Rule(Dashboard, check, {"D017": Level.ERROR})
