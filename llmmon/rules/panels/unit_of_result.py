"""A panel whose unit or title says one thing, and its expression another.

Grafana scales bytes and shows ratios as percentages by itself. Who divides by 1024 as well shows a millionth, and who
titles a throughput "success rate" shows 0.0167 for a service in perfect health.

Bad (ratio, Health check success rate):

    rate(app_health_checks_total{status="success"}[5m])

Bad (bytes, Storage in GB):

    app_storage_size_bytes / (100 * 1024 * 1024 * 1024)

Bad (percent of 0 to 1, Errors):

    sum(rate(app_requests_total{ok="no"}[5m]))

Good (ratio, Health check success rate):

    sum(rate(app_health_checks_total{status="success"}[5m])) / sum(rate(app_health_checks_total[5m]))

Good (ratio, Storage used):

    app_storage_size_bytes / (100 * 1024 * 1024 * 1024)

Good (bytes, Storage):

    app_storage_size_bytes

Good (requests/s, Error rate):

    sum(rate(app_requests_total{ok="no"}[5m]))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Range
from llmmon.promql.fold import RATES, bare, constant, selectors
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_SHARES = ("ratio", "percent")
_PROMISE = lazily.pattern(r"\b(?:success|hit)\s*(?:rate|ratio)\b", re.IGNORECASE)
_SCALES = frozenset(float(base**power) for base in (1000, 1024) for power in range(1, 6))
_MEBI = 1024.0**2
_SHARE = lazily.pattern(r"percent|ratio", re.IGNORECASE)  # no events, whatever the rate of it may mean
# Seconds per second are a share, and so may be whatever is measured in times.
_TIME = lazily.pattern(
    r"second|time|duration|cpu|busy|idle|wait|stall|usage|util|load|throttl|_[mun]s(?:_|\Z)|usec|nano"
)


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    yield from _share(written, facts)
    yield from _bytes(written)


def _share(written: Expression, facts: Facts) -> Iterator[Finding]:
    ours = written.beside is None  # elsewhere a success rate may be meant as one of events
    promised = written.unit in _SHARES or (ours and _PROMISE.search(written.title))
    name = _rated(written.expr)
    if promised and name and facts.series(name).unit != "seconds" and not (_TIME.search(name) or _SHARE.search(name)):
        said = f"the unit {written.unit}" if written.unit in _SHARES else f"the title {written.title!r}"
        found = "a number of events" if "increase" in written.text else "events per second"
        message = f"{said} promises a share, and this is {found}: divide by the total"
        yield Finding("Q049", message, written.expr.span)


def _bytes(written: Expression) -> Iterator[Finding]:
    node = bare(written.expr)
    if not isinstance(node, Binary) or node.op != "/" or written.unit is None or written.unit in _SHARES:
        return
    scaled = bare(node.lhs)
    if isinstance(scaled, Binary) and scaled.op == "*":
        return  # by milliseconds, which the division makes seconds
    if any(call.func in RATES for call in written.of(Call)):
        return  # bytes per second have units of their own
    divisor = constant(node.rhs)
    names = [selector.name or "" for selector in selectors(node.lhs)]
    if (
        divisor
        and (divisor in _SCALES or divisor % _MEBI == 0)
        and names
        and all(name.endswith("_bytes") for name in names)
    ):
        message = "Grafana scales bytes by itself: leave the division out and write unit: bytes"
        yield Finding("Q071", message, node.rhs.span)


def _rated(expr: Expr) -> str | None:
    """The counter of which an expression is the rate, and nothing else."""
    node = bare(expr)
    while isinstance(node, Aggregate):
        node = bare(node.expr)
    if isinstance(node, Binary) and node.op == "*" and constant(node.rhs) is not None:
        return _rated(node.lhs)
    if isinstance(node, Call) and node.func in RATES and isinstance(node.args[0], Range):
        return node.args[0].selector.name
    return None


RULE = Rule(Expression, check, {"Q049": Level.WARNING, "Q071": Level.WARNING}, advice=frozenset(("Q049", "Q071")))
