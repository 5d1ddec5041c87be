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
from llmmon.promql.unread import unread
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Grouping
    from llmmon.rule import Facts

_OF_EVENTS = lazily.pattern(r"(?:^|[_:])(?:availability|error|errors|failure|failures|hit|hits|miss|misses|success)_")
_OF_SOMETHING = lazily.pattern(
    r"avg|average|burnrate|bytes|duration|latency|mean|_per_|seconds"
)  # one over another, and no share
_SHARE = lazily.pattern(r"_(?:ratio|rate|percent|pct)(?:$|[_:])")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    found = [node for node in written.of(Aggregate) if node.op == "sum" and _sums_shares(node, facts)]
    labels_only = unread(written.expr) if found else frozenset()
    for node in found:
        if id(node) not in labels_only:
            name = getattr(bare(node.expr), "name", "")
            message = f"{name} is a share, and a sum of shares is none: divide the sums, or write max or avg"
            yield Finding("Q063", message, (node.span[0], node.span[0] + len(node.op)))


def _sums_shares(node: Aggregate, facts: Facts) -> bool:
    inner = bare(node.expr)
    if not isinstance(inner, Selector) or inner.name is None or not _is_share(inner.name, facts):
        return False
    return not _has_one_each(inner.name, node.grouping, facts)


def _has_one_each(name: str, grouping: Grouping | None, facts: Facts) -> bool:
    """Whether each sum is of one series: those are its labels, or its name says that it has no others."""
    if grouping is None or grouping.kind != "by":
        return False
    kept, labels = set(grouping.labels), facts.series(name).labels
    level = set(name.partition(":")[0].split("_")) if ":" in name else {""}
    return (labels is not None and labels <= kept) or level <= kept


def _is_share(name: str, facts: Facts) -> bool:
    known = facts.series(name)
    if name in facts.recorded:  # its own expression says what it is, and whether there is more than one
        return known.quotient and known.labels != frozenset() and not _OF_SOMETHING.search(name)
    of_events = bool(_OF_EVENTS.search(name) and _SHARE.search(name))
    if known.type == "counter" or known.unit not in (None, "ratio", "percent"):
        return False
    return of_events and (known.unit is not None or ":" in name or name.endswith("_ratio"))


RULE = Rule(Expression, check, {"Q063": Level.WARNING}, words=("sum",))
