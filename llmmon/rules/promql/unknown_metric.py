"""A metric that is in no declaration.

Where the metrics of a namespace are declared, one of that namespace that is not among them is a mistake: it was
renamed, or `_total` was forgotten, and what reads it says nothing, for ever. Names outside of what is declared are left
alone.

Bad:

    rate(app_request_total[5m])

    app_queue_dept > 5

Good:

    rate(app_requests_total[5m])

    rate(app_seconds_bucket[5m])

    node_load1 > 5
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
    if not facts.unknown(name):
        return
    near = get_close_matches(name, facts.declared, 1, 0.8)
    hint = f"did you mean {near[0]}?" if near else "declare it, or remove what reads it"
    yield Finding("Q045", f"unknown metric {name}: {hint}", (selector.span[0], selector.span[0] + len(name)))


RULE = Rule(Selector, check, {"Q045": Level.ERROR}, frozenset(("declared",)), peers=("pint promql/series",))
