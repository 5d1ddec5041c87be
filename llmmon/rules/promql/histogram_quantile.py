"""A quantile that is not of all series, not of the present, or not of anything.

`histogram_quantile()` gives one quantile for each set of labels beside `le`. Without an aggregation that is one per
replica, path and status, and none is what users see: the quantile of one slow request on one replica is as large as
that of all. Without `le` in the aggregation there is no result at all. Without `rate()` it is the quantile since the
start of the process. A quantile of each series is right where they are counted or compared with each other, and where
the text of the alert, or what reads the record, names the one that it is of. Nothing is said where the run scrapes one
target of each application.

Bad:

    histogram_quantile(0.95, rate(app_seconds_bucket[5m]))

    histogram_quantile(0.95, sum by (model) (rate(app_seconds_bucket[5m])))

    histogram_quantile(0.95, sum by (le) (app_seconds_bucket))

    histogram_quantile(95, sum by (le) (rate(app_seconds_bucket[5m])))

    histogram_quantile(0.95, sum by (model) (rate(app_seconds_bucket[5m])) / sum by (model) (rate(b_bucket[5m])))

    quantile_over_time(95, app_queue_length[1h])

Good:

    histogram_quantile(0.95, sum by (le) (rate(app_seconds_bucket[5m])))

    histogram_quantile(0.95, sum by (le, model) (rate(app_seconds_bucket[5m])))

    histogram_quantile(0.95, sum without (instance) (rate(app_seconds_bucket[5m])))

    histogram_quantile(0.95, service_le:app_seconds_bucket:rate5m)

    histogram_quantile(0.95, rate(app_seconds_bucket{instance="a",model="b"}[5m]))

    histogram_quantile(0.9, sum(rate(app_seconds[5m])))

    histogram_quantile(0.9, sum by (le) (rate(app_seconds_bucket[5m]) and on (model) app_queue_length > 0))

    quantile_over_time(0.95, app_queue_length[1h])

    count(histogram_quantile(0.95, rate(app_seconds_bucket[5m])) > 2) > 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Range, Selector, children, result_labels
from llmmon.promql.fold import RATES, bare, constant, selectors
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_OF_VICTORIAMETRICS = "vmrange"  # its own buckets have this label instead of le
_QUANTILES = ("histogram_quantile", "quantile_over_time")
_BELOW = frozenset(("sum", "avg"))


_OF_MEMBERS = "etcd_"  # each has a disk and peers of its own, and one is too slow
_ONE = frozenset(("instance", "pod"))
_OF_ALL = frozenset(("job", "le"))  # labels that do not tell one series of a histogram from another


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    if not any(node.func in _QUANTILES for node in written.of(Call)):
        return
    todo = [(written.expr, False)]
    while todo:
        node, each = todo.pop()
        if isinstance(node, Call) and node.func in _QUANTILES:
            yield from _call(node, each, written, facts)
        each = each or (written.purpose == "record" and isinstance(node, Binary) and node.op in ("and", "unless"))
        todo += [(child, each or isinstance(node, Aggregate)) for child in reversed(children(node))]


def _call(call: Call, each: bool, written: Expression, facts: Facts) -> Iterator[Finding]:
    """What is wrong with one call; `each` says that a quantile for each series is what is wanted."""
    share = constant(call.args[0])
    if share is not None and not 0 <= share <= 1:
        hint = f": write {share / 100:g}" if 1 < share <= 100 else ""
        yield Finding("Q026", f"a quantile is between 0 and 1, and {share:g} is not{hint}", call.args[0].span)
    if call.func != "histogram_quantile":
        return
    inner = bare(call.args[1])
    head = (call.span[0], call.span[0] + len(call.func))
    found = list(_aggregated(inner, facts)) if isinstance(inner, Aggregate) else []
    if found:
        yield from found
    elif not isinstance(inner, Call | Selector) and _without_le(inner, facts):
        yield Finding("Q024", "nothing of this has le, and then there is no quantile: keep le", inner.span)
    elif (selector := _rated(inner)) and _many(selector, facts):
        if each or written.shown - _OF_ALL or not _ONE.isdisjoint(written.pinned):
            return
        if written.purpose == "record" and written.text in facts.told_apart:
            return
        if _is_alone(selector, facts):
            return
        advice = "write sum by (le) (...) inside, with the labels that matter"
        yield Finding("Q062", f"this gives one quantile per series, not that of all: {advice}", head)
    elif isinstance(inner, Selector) and _is_bucket(inner) and facts.type(inner.name) == "counter":
        yield Finding("Q025", _SINCE_START, inner.span)


_SINCE_START = "this is the quantile since the start of the process: write rate(...[5m])"


def _aggregated(node: Aggregate, facts: Facts) -> Iterator[Finding]:
    inner = bare(node.expr)
    selector = inner if isinstance(inner, Selector) else _rated(inner)
    if selector is None or not _is_bucket(selector):
        return
    names = node.grouping.labels if node.grouping else ()
    without = node.grouping is not None and node.grouping.kind == "without"
    if _OF_VICTORIAMETRICS in names:
        return
    if node.op in _BELOW and ("le" in names) == without:
        where = node.grouping.span if node.grouping else (node.span[0], node.span[0] + len(node.op))
        yield Finding("Q024", f"the {node.op} drops le, and then there is no quantile: write by (le)", where)
    if inner is selector and facts.type(selector.name) == "counter":
        yield Finding("Q025", _SINCE_START, selector.span)


def _without_le(inner: Expr, facts: Facts) -> bool:
    """Whether buckets lose their boundaries on the way."""
    grouping = inner.grouping if isinstance(inner, Aggregate) else None
    if grouping and ("le" in grouping.labels) == (grouping.kind == "by"):
        return False
    buckets = list(selectors(inner))
    if not buckets or not all(_is_bucket(selector) for selector in buckets):
        return False
    labels = result_labels(inner, lambda selector: facts.series(selector.name).labels)
    return "le" not in labels and _OF_VICTORIAMETRICS not in labels


def _rated(expr: Expr) -> Selector | None:
    if isinstance(expr, Call) and expr.func in RATES and isinstance(expr.args[0], Range):
        return expr.args[0].selector
    return None


def _is_bucket(selector: Selector) -> bool:
    return bool(selector.name and selector.name.endswith("_bucket") and ":" not in selector.name)


def _many(selector: Selector, facts: Facts) -> bool:
    """Whether more than one series beside those of `le` is selected, as far as one can say."""
    if selector.name and selector.name.startswith(_OF_MEMBERS):
        return False
    pinned = {matcher.label for matcher in selector.matchers if matcher.op == "="}
    labels = facts.series(selector.name).labels
    if labels is not None:
        return bool(labels - pinned - {"le", "job"})
    return _ONE.isdisjoint(pinned)


def _is_alone(selector: Selector, facts: Facts) -> bool:
    """Whether one target of each application has the metric."""
    asked = {matcher.value for matcher in selector.matchers if matcher.label == "job" and matcher.op == "="}
    scraped = facts.jobs or {}
    jobs = asked & scraped.keys() or set(scraped)
    return bool(jobs) and all(scraped[job] == 1 for job in jobs)


RULE = Rule(
    Expression,
    check,
    {"Q024": Level.ERROR, "Q025": Level.WARNING, "Q026": Level.ERROR, "Q062": Level.NOTE},
    words=_QUANTILES,
    advice=frozenset(("Q062",)),
)
