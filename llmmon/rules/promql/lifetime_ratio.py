"""One counter over another, both since the start of the process.

The ratio of two counters is that of their whole lifetime: after some weeks it hardly moves, whatever happens now. A
price that doubles today reads as 9 % more.

Bad:

    app_cost_usd_total * 1000 / (app_prompt_tokens_total + app_completion_tokens_total)

    app_hits_total / (app_hits_total + app_misses_total)

Good:

    rate(app_cost_usd_total[1h]) * 1000 / rate(app_tokens_total[1h])

    (app_hits_total - app_hits_total offset 1d) / (app_reads_total - app_reads_total offset 1d)

    app_memory_usage_bytes / app_memory_limit_bytes

    app_requests_total / 1000

    sum by (shard) (app_chunks_total) / sum(app_chunks_total)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Binary, Call, Number, walk
from llmmon.promql.fold import OF_COUNTERS, is_long, raw, selectors
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_OF_A_TIME = OF_COUNTERS | {"delta", "deriv", "idelta"}  # that they are for gauges is said by another rule
_OF_ALL = (
    "bargauge",
    "gauge",
    "piechart",
    "singlestat",
    "stat",
    "table",
)  # panels whose one number may be that of all so far
_SO_FAR = lazily.pattern(
    r"\b(?:accumulated|all[- ]time|cumulative|lifetime|overall|since|so far|total)\b", re.IGNORECASE
)
_SINCE_RESET = "pg_stat_statements"  # what everybody reads as a mean
_THEN = frozenset(("min_over_time", "last_over_time", "first_over_time"))

# Labels that begin anew with each period, and with them all counts.
_OF_A_PERIOD = lazily.pattern(r"(?:\b|_)(?:day|epoch|era|month|round|season|week|year)s?(?:\b|_)")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    if written.kind in _OF_ALL or _OF_A_PERIOD.search(written.text):
        return
    on_panel = written.beside is not None
    if on_panel and (written.instant or any(map(_SO_FAR.search, written.texts))):
        return
    said: set[str] = set()
    for node in written.of(Binary):
        if node.op == "/" and not isinstance(node.rhs, Number) and not is_long(node):
            for found in _ratio(node, facts):
                if found.message not in said:
                    said.add(found.message)
                    yield found


def _ratio(node: Binary, facts: Facts) -> Iterator[Finding]:
    below = _counters(node.rhs, facts)
    above = _counters(node.lhs, facts) if below else []
    if above and below and not _is_part(node) and not _of_stock(node):
        other = next((name for name in below if name not in above), below[0])
        message = (
            f"{above[0]} over {other} is a ratio since the start of the process, which hardly moves: "
            "write rate(...[TIME]) on both sides"
        )
        yield Finding("Q061", message, node.span)


def _is_part(node: Binary) -> bool:
    """Whether the same series are on both sides, so that each gives its part of all, or two values of one label.

    That is what one makes of a stock.
    """
    above, below = (
        {(one.name, *sorted((m.label, m.op, m.value) for m in one.matchers)) for one in selectors(side)}
        for side in (node.lhs, node.rhs)
    )
    return above == below or _are_beside(node)


def _of_stock(node: Binary) -> bool:
    """Whether it is of what there is, which is what came without what went."""
    total = {one.name for one in selectors(node.rhs)}
    came = [part.lhs for part in walk(node.lhs) if isinstance(part, Binary) and part.op == "-"]
    return any(isinstance(part, Binary) and part.op == "-" for part in walk(node.rhs)) or any(
        total.isdisjoint(one.name for one in selectors(part)) for part in came
    )


def _are_beside(node: Binary) -> bool:
    """Whether one metric is compared with itself at another value of a label, or is of those in a state."""
    both = [list(selectors(side)) for side in (node.lhs, node.rhs)]
    if [len(found) for found in both] != [1, 1] or both[0][0].name != both[1][0].name:
        return False
    pinned = [{one.label: one.value for one in found[0].matchers if one.op == "="} for found in both]
    if "state" in pinned[0]:
        return True
    return pinned[0].keys() == pinned[1].keys() and pinned[0] != pinned[1]


def _counters(side: Expr, facts: Facts) -> list[str]:
    """The counters that are all that a side is made of; none where it looks at differences."""
    found = list(raw(side, _OF_A_TIME))
    if not found or any((selector.name or "").startswith(_SINCE_RESET) for selector in found):
        return []
    if any(selector.offset for selector in selectors(side)) or any(map(_is_increase, walk(side))):
        return []
    names = [selector.name for selector in found if selector.name]
    return names if len(names) == len(found) and all(facts.type(name) == "counter" for name in names) else []


def _is_increase(node: Expr) -> bool:
    """Whether it takes off what a counter was at another time, as `max_over_time(...) - min_over_time(...)` does."""
    if not isinstance(node, Binary) or node.op != "-":
        return False
    calls = (part.func for side in (node.lhs, node.rhs) for part in walk(side) if isinstance(part, Call))
    return not _THEN.isdisjoint(calls)


RULE = Rule(Expression, check, {"Q061": Level.WARNING}, words=("/",), advice=frozenset(("Q061",)))
