"""A metric that every service has, without saying whose.

`http_requests_total` is exposed by half of what runs: summed without a matcher it mixes services that have nothing to
do with each other, and an alert on it changes its meaning with each deployment of somebody else's. An alert or a
record of each of its series says whose it is. Of the dashboards in Grafana's JSON nothing is said: their data source
may have one only.

Bad:

    sum(rate(http_requests_total[5m]))

    http_requests_total

Good:

    sum(rate(http_requests_total{job="api"}[5m]))

    sum by (job) (rate(http_requests_total[5m]))

    sum by (namespace, service) (rate(http_requests_total[5m]))

    sum(rate(api_requests_total[5m]))

    rate(http_requests_total{handler="/x", job=~".+"}[5m])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Call
from llmmon.promql.fold import bare, selectors
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_SHARED = (
    "http_request_duration_seconds",
    "http_request_duration_seconds_bucket",
    "http_request_duration_seconds_count",
    "http_request_duration_seconds_sum",
    "http_requests_in_flight",
    "http_requests_total",
    "http_response_size_bytes",
)
# What tells requests apart, and not whose they are.
_NOT_WHOSE = frozenset(
    ("code", "handler", "le", "method", "path", "protocol", "quantile", "route", "status", "status_code")
)
_COUNTING = ("count", "group")
_WHOSE = frozenset(("app", "application", "container", "instance", "job", "namespace", "pod", "service"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    if written.purpose in ("alert", "record") and not any(map(_mixes, written.parts)):
        return
    if written.beside is not None:
        return  # in Grafana's JSON the data source, or who looks, may say whose
    aggregations = written.of(Aggregate)
    if any(node.op in _COUNTING and isinstance(bare(node.expr), Aggregate) for node in aggregations):
        return  # how many there are, of all
    kept = [node.grouping for node in aggregations]
    if any(grouping and (grouping.kind == "without" or _WHOSE & set(grouping.labels)) for grouping in kept):
        return
    said = set()
    for selector in selectors(written.expr):
        told = {matcher.label for matcher in selector.matchers} - _NOT_WHOSE
        if selector.name in _SHARED and not told and selector.name not in said:
            said.add(selector.name)
            message = f'{selector.name} is a metric of many services: say whose, such as {{job="NAME"}}'
            yield Finding("Q067", message, selector.span)


def _mixes(node: Expr) -> bool:
    """Whether the result does not say whose it is."""
    return isinstance(node, Aggregate) or (isinstance(node, Call) and node.func.startswith(("absent", "scalar")))


RULE = Rule(Expression, check, {"Q067": Level.NOTE}, words=tuple(_SHARED))
