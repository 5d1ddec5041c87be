"""A recorded series whose name promises a grouping or a window that its expression does not have.

`job:http_requests:rate5m` says: one value for each job. Whoever reads it will select a job, and get nothing, or the
same for all. `cost_per_model` says: one value for each model, and `rate5m`: of the last five minutes.

Bad:

    record: job:http_success:ratio5m
    expr: sum(rate(http_requests_total{status!~"5..",app="a"}[5m])) / sum(rate(http_requests_total{app="a"}[5m]))

    record: llm:cost_per_model_1h
    expr: increase(llm_cost_usd_total[1h])

    record: job:http_requests:rate5m
    expr: sum by (job) (rate(http_requests_total[1m]))

Good:

    record: job:http_success:ratio5m
    expr: sum by (job) (rate(http_requests_total{status!~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m]))

    record: cluster:http_requests:rate5m
    expr: sum(rate(http_requests_total{app="a"}[5m]))

    record: llm:cost_per_model_1h
    expr: sum by (model) (increase(llm_cost_usd_total[1h]))

    record: llm:cost_per_request_1h
    expr: increase(llm_cost_usd_total[1h])

    record: job:http_requests:rate5m
    expr: rate(http_requests_total{app="a"}[5m])
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Range, Selector, Subquery
from llmmon.promql.fold import selectors
from llmmon.rule import Finding, RecordingRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.rule import Expression, Facts

_LEVELS = frozenset(("job", "instance", "namespace", "pod", "container", "node"))
_NODES = ("instance", "pod", "host", "hostname", "fqdn", "nodename", "kubernetes_node")
_INSTANCES = (*_NODES, "container", "container_name", "name", "node", "pod_name", "server", "target")
_PER = lazily.pattern(r"_per_(application|app|customer|endpoint|model|project|team|tenant|user)(?:[_:]|$)")
_UNITS = frozenset("smhdw")
_WINDOW = lazily.pattern(
    r":[a-z0-9_]*(?:rate|irate|increase|delta|deriv|avg|max|min|p\d+|ratio)_?([0-9]+(?:s|m|h|d|w))\Z"
)


def check(rule: RecordingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if rule.expression is None:
        return
    sums = rule.expression.of(Aggregate)
    level = rule.name.partition(":")[0] if ":" in rule.name else ""
    if level in _LEVELS and sums and not _is_kept(level, rule.expression) and not _is_pinned(level, sums):
        label = "instance" if level == "node" else level
        message = f"{rule.name} promises a value for each {level}, and the expression drops {label}"
        by = sums[0].grouping.labels if sums[0].grouping and sums[0].grouping.kind == "by" else ()
        message += f": rename it{f' to {by[0]}:...' if len(by) == 1 else ''}, or write by ({label})"
        yield Finding("R024", message, keys=("record",))
    elif (per := "_per_" in rule.name and _PER.search(rule.name)) and not any(_keeps(node, per[1]) for node in sums):
        message = (
            f"{rule.name} promises a value for each {per[1]}, and nothing is summed: write sum by ({per[1]}) (...)"
        )
        yield Finding("R024", message, keys=("record",))
    if (said := rule.name[-1:] in _UNITS and _WINDOW.search(rule.name)) and (told := duration.parse(said[1])):
        ranges = {node.range for node in rule.expression.of(Range)}
        ranges |= {node.range for node in rule.expression.of(Subquery)}
        instant = any(node.func in ("irate", "idelta") for node in rule.expression.of(Call))  # of the last two values
        if ranges and not instant and duration.milliseconds(told) not in ranges:
            other = duration.text(timedelta(milliseconds=max(ranges)))
            message = f"{rule.name} promises a window of {said[1]}, and the expression has {other}: make them the same"
            yield Finding("R025", message, keys=("record",))


def _is_kept(level: str, written: Expression) -> bool:
    """Whether the result still says which of a level it is, or what is read was recorded at that level."""
    sums = written.of(Aggregate)
    if any(_keeps(node, level) for node in sums):
        return True
    kept = any(_keeps(node, label) for node in sums for label in _names(level, node))
    return kept or any((one.name or "").startswith(f"{level}:") for one in written.of(Selector))


def _is_pinned(level: str, sums: Sequence[Aggregate]) -> bool:
    """Whether what is summed is of one, or of those that its matchers name, such as `id=~"node/.*"`."""
    return any(
        (matcher.label == level and matcher.op in ("=", "=~")) or (matcher.op == "=~" and level in matcher.value)
        for node in sums
        for one in selectors(node)
        for matcher in one.matchers
    )


def _names(level: str, node: Aggregate) -> Iterator[str]:
    """The other labels that may say which of a level it is: `job_name` beside `job`, and a node has many names."""
    yield from _NODES if level == "node" else _INSTANCES if level == "instance" else ()
    yield from (label for label in (node.grouping.labels if node.grouping else ()) if label.startswith(level))


def _keeps(node: Aggregate, label: str) -> bool:
    grouping = node.grouping
    return grouping is not None and (label in grouping.labels) == (grouping.kind == "by")


RULE = Rule(RecordingRule, check, {"R024": Level.WARNING, "R025": Level.WARNING})
