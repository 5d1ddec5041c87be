"""A sum of shares.

Three services of which each fails 40 % of its requests do not fail 120 %. A share of the whole is the sum of the parts
over the sum of the wholes.

Bad:

    sum(app:error_rate_5m) * 100

    sum(app_cache_hit_ratio)

Good:

    max(app:error_rate_5m)

    sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))

    sum by (instance) (app_cpu_usage_ratio)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Selector
from llmmon.promql.fold import bare
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_OF_EVENTS = lazily.pattern(r"(?:^|[_:])(?:availability|error|errors|failure|failures|hit|hits|miss|misses|success)_")
_SHARE = lazily.pattern(r"_(?:ratio|rate|percent|pct)(?:$|[_:])")


def check(node: Aggregate, facts: Facts) -> Iterator[Finding]:
    inner = bare(node.expr)
    if node.op == "sum" and isinstance(inner, Selector) and inner.name and _is_share(inner.name, facts):
        message = f"{inner.name} is a share, and a sum of shares is none: divide the sums, or write max or avg"
        yield Finding("Q063", message, (node.span[0], node.span[0] + len(node.op)))


def _is_share(name: str, facts: Facts) -> bool:
    known = facts.series(name)
    if name in facts.recorded:  # its own expression says what it is, and whether there is more than one
        return known.quotient and known.labels != frozenset()
    of_events = bool(_OF_EVENTS.search(name) and _SHARE.search(name))
    if known.type == "counter" or known.unit not in (None, "ratio", "percent"):
        return False
    return of_events and (known.unit is not None or ":" in name or name.endswith("_ratio"))


RULE = Rule(Aggregate, check, {"Q063": Level.WARNING}, names=frozenset(("sum",)))
