"""A metric that every service has, without saying whose.

`http_requests_total` is exposed by half of what runs: summed without a matcher it mixes services that have nothing to
do with each other, and an alert on it changes its meaning with each deployment of somebody else's. An alert or a
record of each of its series says whose it is, and of a folder nothing is said unless it scrapes two applications or
more. Of the dashboards in Grafana's JSON nothing is said: their data source may have one only.

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

    from llmmon.promql import Expr, Matcher
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
_PATHS = frozenset(("handler", "path", "route"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    if written.purpose in ("alert", "record") and not any(map(_mixes, written.parts)):
        return
    if written.beside is not None:
        return  # in Grafana's JSON the data source, or who looks, may say whose
    aggregations = written.of(Aggregate)
    if any(node.op in _COUNTING and isinstance(bare(node.expr), Aggregate) for node in aggregations):
        return  # how many there are, of all
    kept = [node.grouping for node in aggregations if node.grouping]
    if any(grouping.kind == "without" or any(map(_is_whose, grouping.labels)) for grouping in kept):
        return
    said = set()
    for selector in selectors(written.expr):
        if selector.name not in _SHARED or selector.name in said:
            continue
        if not any(map(_tells, selector.matchers)) and (facts.jobs is None or len(facts.jobs) > 1):
            said.add(selector.name)
            message = f'{selector.name} is a metric of many services: say whose, such as {{job="NAME"}}'
            yield Finding("Q067", message, selector.span)


def _is_whose(label: str) -> bool:
    return label.removesuffix("_name").removesuffix("_id") in _WHOSE


def _tells(matcher: Matcher) -> bool:
    """Whether it says whose requests it selects, perhaps by a path that hardly two services have."""
    if matcher.label in _PATHS and matcher.op == "=":
        return matcher.value.count("/") > 1
    return matcher.label not in _NOT_WHOSE


def _mixes(node: Expr) -> bool:
    """Whether the result does not say whose it is."""
    return isinstance(node, Aggregate) or (isinstance(node, Call) and node.func.startswith(("absent", "scalar")))


RULE = Rule(Expression, check, {"Q067": Level.NOTE}, words=tuple(_SHARED), advice=frozenset(("Q067",)))
