"""A unit that is not that of what the panel shows.

What is in seconds and shown as milliseconds is wrong by a thousand, and a graph of bytes in percent says nothing. Only
metrics that have their unit in their name are looked at, and only where nothing is done to them that changes it.

Bad:

    {fieldConfig: {defaults: {unit: ms}}, targets: [{expr: 'avg(app_wait_seconds)'}]}

    {fieldConfig: {defaults: {unit: s}},
     targets: [{expr: 'histogram_quantile(0.9, sum by (le) (rate(app_size_bytes_bucket[5m])))'}]}

    {fieldConfig: {defaults: {unit: mbytes}}, targets: [{expr: app_size_bytes}]}

Good:

    {fieldConfig: {defaults: {unit: s}}, targets: [{expr: 'avg(app_wait_seconds)'}]}

    {fieldConfig: {defaults: {unit: ms}}, targets: [{expr: 'avg(app_wait_seconds) * 1000'}]}

    {fieldConfig: {defaults: {unit: percentunit}}, targets: [{expr: 'rate(app_busy_seconds_total[5m])'}]}

    {fieldConfig: {defaults: {unit: mbytes}}, targets: [{expr: app_size_bytes / 1024 / 1024}]}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Query, unit_of, words_say_unit
from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, Range, Selector
from llmmon.promql.fold import bare
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_SAME = ("sum", "avg", "min", "max", "topk", "bottomk", "quantile")
_OVER_TIME = ("avg_over_time", "max_over_time", "min_over_time", "last_over_time", "quantile_over_time")
_NAMED = lazily.pattern(
    r"(?<!nano)(?<!micro)(?<!milli)(?<!kilo)(?<!mega)(?<!giga)(?<!_bytes)_(seconds|bytes)(?:_bucket)?\Z"
)
_OF_A_DAY = lazily.pattern(
    r"timestamp|(?:boot|creat\w{0,9}|expir\w{0,9}|last|modif\w{0,9}|start)_(?:\w{1,30}_)?seconds"
)  # since 1970
_SHARE = lazily.pattern(r"percent|ratio", re.IGNORECASE)
_TIMES = frozenset(("ns", "µs", "ms", "s", "m", "h", "d", "clockms", "clocks", "dtdurationms", "dtdurations", "dthms"))
_SIZES = frozenset(
    (
        *("bytes", "bits", "kbytes", "mbytes", "gbytes", "tbytes", "decbytes", "decbits", "deckbytes", "decmbytes"),
        *("decgbytes", "dectbytes"),
    )
)
_SHARES = frozenset(("percent", "percentunit"))
_RIGHT = {
    "seconds": frozenset(("s", "clocks", "dtdurations", "dthms")),
    "bytes": frozenset(("bytes", "decbytes")),
}


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    del facts
    unit = unit_of(query.panel)
    if query.hidden or unit not in _TIMES | _SIZES | _SHARES or not query.readings.parsed or words_say_unit(query):
        return
    reading = query.readings.parsed[0]
    selector = _shown(reading.expr)
    named = selector and _NAMED.search(selector.name or "")
    if selector is None or not named or _OF_A_DAY.search(selector.name or "") or unit in _RIGHT[named[1]]:
        return
    if any(_SHARE.search(matcher.value) for matcher in selector.matchers):
        return  # one of several, which is none of them
    start, end = reading.written.home(selector.span)
    right = "s" if named[1] == "seconds" else "bytes"
    message = f"{selector.name} is in {named[1]}, and the panel shows {unit}: write unit: {right}"
    yield Finding("D021", message, (start, end))


def _shown(expr: Expr) -> Selector | None:
    """The selector whose values are shown, in their own unit."""
    node, quantile = bare(expr), False
    while True:
        match node:
            case Aggregate(op, inner) if op in _SAME:
                node = bare(inner)
            case Call("histogram_quantile", (_, inner)):
                node, quantile = bare(inner), True
            case Call("rate" | "increase" | "irate", (inner,)) if quantile:
                node = bare(inner)
            case Call(func, args) if func in _OVER_TIME:
                node = bare(args[-1])
            case Range(selector):
                return selector
            case Selector():
                return node if (node.name or "").endswith("_bucket") == quantile else None
            case _:
                return None


RULE = Rule(Query, check, {"D021": Level.WARNING}, advice=frozenset(("D021",)))
