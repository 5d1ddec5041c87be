"""A recorded series that no rule records.

Where a run sees rules that record `llm:requests:rate5m`, and another one reads `llm:request:rate5m` that nobody
records, the one that reads it says nothing, for ever. Only names that are almost those of a recorded series are
reported: a name with a colon may come from elsewhere.

Bad:

    llm:request:rate5m > 10

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
    near = next(iter(get_close_matches(name, facts.recorded, 1, 0.85)), None)
    if near and not near.startswith(f"{name}:"):  # else that is made of it
        message = f"no rule records {name}: did you mean {near}?"
        yield Finding("X004", message, (selector.span[0], selector.span[0] + len(name)))


RULE = Rule(
    Selector,
    check,
    {"X004": Level.WARNING},
    frozenset(("whole",)),
    peers=("pint promql/series",),
    words=(":",),
    default=False,
)
