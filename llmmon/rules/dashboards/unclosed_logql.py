"""LogQL on a dashboard with a bracket or a quote that is not closed.

Loki refuses it, and the panel shows an error. Nothing else of LogQL is looked at.

Bad:

    {targets: [{expr: 'sum(rate({app="x"}[5m])', datasource: {type: loki}}]}

    {targets: [{expr: '{app="x} |= `a`', datasource: {type: loki}}]}

Good:

    {targets: [{expr: 'sum(rate({app="x"} |= `)` [5m]))', datasource: {type: loki}}]}

    {targets: [{expr: '{app="$app"} | line_format "{{.a}}" # (', datasource: {type: loki}}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Query
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_PARTS = lazily.pattern(r'\\["`]|"(?:[^"\\\n]|\\.)*"|`[^`]*`|\$\{[^}\s]*\}|\[\[\w+(?::\w+)?\]\]|#[^\n]*|[()\[\]{}"`]')
_CLOSING = {")": "(", "]": "[", "}": "{"}


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    if query.language != "logql" or query.use == "variable":
        return
    opened: list[tuple[str, int]] = []
    for found in _PARTS.finditer(query.text):
        sign = found[0]
        if sign[0] == "\\":
            yield Finding("D026", f"a backslash is too many before this {sign[1]}: leave it out", found.span())
            return
        if sign in ('"', "`"):
            yield Finding("D026", f"this {sign} is not closed: write another one behind the text", found.span())
            return
        if sign in _CLOSING and (not opened or opened.pop()[0] != _CLOSING[sign]):
            yield Finding("D026", f"nothing before this {sign} opens it: remove it, or open it", found.span())
            return
        if sign in _CLOSING.values():
            opened.append((sign, found.start()))
    for sign, at in opened[:1]:
        yield Finding("D026", f"this {sign} is not closed: close it", (at, at + 1))


RULE = Rule(Query, check, {"D026": Level.ERROR}, peers=("dashboard-linter target-logql-rule", "mixtool"))
