"""A query with a variable that the dashboard does not have, or a variable that it has twice.

Grafana leaves `$nobody` as it stands, so the query does not parse or matches nothing. Of two variables of one name one
is never asked. What an import fills in counts as there, and so does what Grafana itself brings. A dashboard that asks
for several variables and has none is a part that something else completes.

Bad:

    rate(app_requests_total{job="$nobody"}[5m])

    {templating: {list: [{name: job, type: query}, {name: job, type: custom}]}}

Good:

    rate(app_requests_total[$__rate_interval])

    {templating: {list: [{name: job, type: query}]}, panels: [{targets: [{expr: 'app_queue_length{job="$job"}'}]}]}
"""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Dashboard
from llmmon.documents.interpolation import references
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Query, Variable
    from llmmon.rule import Facts

_FILLED_IN = ("DS_", "VAR_")  # by an import; `${CLUSTER}` is of whoever deploys it


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    seen: dict[str, Variable] = {}
    for variable in dashboard.variables:
        if variable.name in seen and variable.name:
            message = f"there is another variable {variable.name!r}, and only one of them is asked: remove one"
            level = Level.NOTE if _asked(variable) == _asked(seen[variable.name]) else None
            yield Finding("D011", message, origin=variable.origin.at("name"), level=level)
        seen.setdefault(variable.name, variable)
    unknown: dict[str, Finding] = {}
    for query in dashboard.queries:
        for finding, name in _unknown(query):
            if name not in seen:
                unknown.setdefault(name, finding)
    if dashboard.variables or len(unknown) == 1:  # else what renders this adds all of them
        yield from unknown.values()


def _asked(variable: Variable) -> tuple[object, ...]:
    return variable.kind, variable.query, variable.value.get("datasource")


def _unknown(query: Query) -> Iterator[tuple[Finding, str]]:
    if query.hidden or query.language == "logql" or "label_replace" in query.text:
        return  # $name may be a group of a regular expression, or a variable of a template
    for one in references(query.text):
        escaped = query.text[: one.span[0]].endswith("\\")
        braced = query.text.startswith(("${", "$${"), one.span[0])
        filled_in = one.name.startswith(_FILLED_IN) or (braced and one.name.isupper())
        comment = query.text[: one.span[0]].rpartition("\n")[2].lstrip().startswith("#")
        if query.unknown(one.name) and not (filled_in or escaped or comment):
            start, end = one.span
            span = start + query.begin, end + query.begin
            yield Finding("D011", _message(one.name, query), span, origin=query.origin), one.name


def _message(name: str, query: Query) -> str:
    if name.startswith("__"):
        own = "__range" if name.startswith("__range") else "__rate_interval"
        return f"Grafana has no variable {name!r}: write ${own}"
    near = [known for known in get_close_matches(name, query.names, 1) if _is_slip(name, known)]
    return f"the dashboard has no variable {name!r}: " + (
        f"did you mean ${near[0]}?" if near else "add it, or write its value"
    )


def _is_slip(written: str, meant: str) -> bool:
    """Whether one letter is wrong, or two are too many or too few."""
    same = sum(block.size for block in SequenceMatcher(None, written, meant).get_matching_blocks())
    return len(written) + len(meant) - 2 * same <= 2


RULE = Rule(Dashboard, check, {"D011": Level.ERROR})
