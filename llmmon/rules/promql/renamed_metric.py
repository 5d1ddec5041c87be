"""A metric under the name that it had in the past.

Exporters rename metrics, and keep the old name for some versions or not at all. What reads the old name says nothing
once the last of them is updated.

Bad:

    rate(app_tokens_total[5m])

Good:

    rate(app_prompt_tokens_total[5m])

    rate(app_tokens_total[5m]) or rate(app_prompt_tokens_total[5m])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.rule import Edit, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    old = [part for part in written.of(Selector) if part.name and facts.series(part.name).renamed]
    names = {part.name for part in written.of(Selector)} if old else set()
    for selector in old:
        name, new = str(selector.name), str(facts.series(selector.name).renamed)
        if new not in names:  # some read both, while both are about
            head = selector.span[0], selector.span[0] + len(name)
            written_so = written.text[slice(*head)] == name
            edits = (Edit(new, head),) if written_so else ()
            yield Finding("Q048", f"{name} is called {new} now: write that", head, edits=edits)


RULE = Rule(Expression, check, {"Q048": Level.WARNING}, frozenset(("declared",)))
