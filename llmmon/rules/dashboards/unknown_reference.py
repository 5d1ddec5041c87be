"""An expression about a query that its panel does not have.

Where there are A and B, an expression over `$C` is an error. An override that is left over from a query C is harmless.

Bad:

    {targets: [{refId: A, expr: up}, {refId: B, type: math, expression: $A / $C, datasource: {uid: __expr__}}]}

Good:

    {targets: [{refId: A, expr: up}], fieldConfig: {overrides: [{matcher: {id: byFrameRefID, options: C}}]}}

    {targets: [{refId: A, expr: up}, {refId: B, type: math, expression: $A * 2, datasource: {uid: __expr__}}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Panel, at, text_of
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_REFERENCE = lazily.pattern(r"\$\$?\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def check(panel: Panel, facts: Facts) -> Iterator[Finding]:
    del facts
    refs = {text_of(target.get("refId")) for _, target in panel.targets}
    if not refs or panel.value.get("transformations") or "" in refs:
        return
    known = ", ".join(sorted(refs))
    for keys, target in panel.targets:
        if at(target, "datasource", "uid") != "__expr__" or target.get("type") != "math":
            continue
        for found in _REFERENCE.finditer(str(target.get("expression") or "")):
            if found[1] not in refs and not _is_variable(found[1], panel):
                message = f"${found[1]} is no query of this panel, which has {known}: name one of these"
                yield Finding("D034", message, found.span(1), keys=(*keys, "expression"))


def _is_variable(name: str, panel: Panel) -> bool:
    """Whether it is one of the dashboard's, as far as its queries know them, or of Grafana's own."""
    return any(not query.unknown(name) for query in panel.queries[:1])


RULE = Rule(Panel, check, {"D034": Level.WARNING}, advice=frozenset(("D034",)))
