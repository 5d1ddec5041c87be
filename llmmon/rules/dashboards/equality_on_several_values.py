"""An equality with a variable that may have several values.

With two values chosen, or with All, Grafana writes `(a|b)`, which no label is equal to: the panel is empty. Only a
regular expression matches each. Where something repeats over the variable it has one value, so that is fine.

Bad:

    {templating: {list: [{name: job, type: query, multi: true}]}, panels: [{targets: [{expr: 'up{job="$job"}'}]}]}

Good:

    {templating: {list: [{name: job, type: query, multi: true}]}, panels: [{targets: [{expr: 'up{job=~"$job"}'}]}]}

    {templating: {list: [{name: job, type: query}]}, panels: [{targets: [{expr: 'up{job="$job"}'}]}]}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Query
from llmmon.documents.interpolation import REFERENCE, references
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Variable
    from llmmon.rule import Facts

_EQUAL = lazily.pattern(r"\s*(!?=)\s*(?=[\"'`])")
_KINDS = ("query", "custom")
_HIDDEN = 2  # nobody chooses, and all that there is may be one
_REGEX = lazily.pattern(r"[.*+|()\[\]?]")


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    if ("$" not in query.text and "[[" not in query.text) or "scalar(" in query.text:
        return  # of several series a scalar is none, whatever the operator
    for reading in query.readings.parsed[:1]:
        for span in reading.matchers(("=", "!=")):
            yield from _matcher(query, span)


def _matcher(query: Query, span: tuple[int, int]) -> Iterator[Finding]:
    written = query.text[slice(*span)]
    several = [one for one in references(written) if _several(query, one.name) and one.format in ("", "regex", "pipe")]
    label = re.match(r"\s*[\w\"]+", written)
    op = label and _EQUAL.match(written, label.end())
    if not several or not op:
        return
    here = span[0] + query.begin
    at = here + op.start(1), here + op.end(1)
    new = {"=": "=~", "!=": "!~"}[op[1]]
    name = several[0].name
    given = query.variables[name].value.get("allValue")
    if given and op[1] == "!=":
        return  # with !~ nothing would be left of All
    many = query.variables[name].multi or not given
    what = "several values, which Grafana writes as (a|b)" if many else f"the value All, which is {given}"
    message = f"${name} may have {what}: write {new}, since no label is equal to that"
    value = written[op.end() + 1 : -1]
    whole = REFERENCE.fullmatch(value) is not None
    edits = (Edit(new, at),)
    level = None if query.variables[name].all else Level.WARNING  # with one chosen it works
    yield Finding("D013", message, (here, span[1] + query.begin), edits=edits, safe=whole, level=level)


def _several(query: Query, name: str) -> bool:
    variable = query.variables.get(name)
    if variable is None or variable.kind not in _KINDS or name in query.single:
        return False
    return variable.multi or (variable.all and variable.value.get("hide") != _HIDDEN and _joined(variable))


def _joined(variable: Variable) -> bool:
    """Whether All is a regular expression."""
    given = variable.value.get("allValue")
    return not given or bool(_REGEX.search(str(given)))


RULE = Rule(Query, check, {"D013": Level.ERROR})
