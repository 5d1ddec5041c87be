"""A recorded series that no rule records.

Where a run sees rules that record `llm:requests:rate5m`, and another one reads `llm:cost:rate5m` that nobody records,
the one that reads it says nothing, for ever. Only names whose first part some rule of the run records are reported: a
name with a colon may come from elsewhere.

Bad:

    llm:cost_per_1k_tokens > 0.01

Good:

    up == 1

    other:cost:rate1h > 0.01
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    name = selector.name or ""
    level, colon, _ = name.partition(":")
    if not colon or not level or name in facts.recorded:  # without a level it is often an exporter's
        return
    if not any(other.startswith(f"{level}:") for other in facts.recorded):
        return
    near = get_close_matches(name, facts.recorded, 1, 0.85)
    hint = f"did you mean {near[0]}?" if near else "record it, or remove what reads it"
    yield Finding("X004", f"no rule records {name}: {hint}", (selector.span[0], selector.span[0] + len(name)))


RULE = Rule(
    Selector, check, {"X004": Level.WARNING}, frozenset(("whole",)), peers=("pint promql/series",), words=(":",)
)
