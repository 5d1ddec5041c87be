"""A regular expression made of a variable that has one value.

Grafana escapes the values of a variable only where several can be chosen: `10.0.0.1` also matches `10a0b0c1`, and a
value with a bracket is an error. An equality says what is meant, and is faster. One whose values are themselves
regular expressions, or may be empty, is better left.

Bad:

    {templating: {list: [{name: job, type: query, query: 'label_values(job)'}]},
     panels: [{targets: [{expr: 'up{job=~"$job"}'}]}]}

Good:

    {templating: {list: [{name: job, type: query, query: 'label_values(job)'}]},
     panels: [{targets: [{expr: 'up{job="$job"}'}]}]}

    {templating: {list: [{name: job, type: query, multi: true}]}, panels: [{targets: [{expr: 'up{job=~"$job"}'}]}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Query
from llmmon.documents.interpolation import REFERENCE
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_REGEX = lazily.pattern(r"[\w\"]+\s*(=~|!~)\s*[\"'`]([^\"'`]+)[\"'`]\Z")


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    for reading in query.readings.parsed[:1]:
        for span in reading.matchers(("=~", "!~")):
            yield from _matcher(query, span)


def _matcher(query: Query, span: tuple[int, int]) -> Iterator[Finding]:
    found = _REGEX.match(query.text[slice(*span)].strip())
    named = found and REFERENCE.fullmatch(found[2])
    if not found or not named:
        return
    variable = query.variables.get(named[1] or named[2] or named[4])
    if variable is None or variable.kind != "query" or variable.multi or variable.all:
        return
    here = span[0] + query.begin
    op = found[1].replace("~", "") if found[1] == "=~" else "!="
    message = f"${variable.name} has one value, and Grafana does not escape it: write {op}"
    edit = Edit(op, (here + found.start(1), here + found.end(1)))
    yield Finding("D014", message, (here, span[1] + query.begin), edits=(edit,))


RULE = Rule(Query, check, {"D014": Level.NOTE}, default=False)
