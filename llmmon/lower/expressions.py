"""Measures and conditions become PromQL text: the one place that knows how each is written."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from llmmon import duration, unit
from llmmon.classes import replace
from llmmon.plan import shapes as sh
from llmmon.promql import Selector, parse, quote, selector, to_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from llmmon.plan import ByLabel, Measure
    from llmmon.promql import Matcher

By = tuple["ByLabel", ...]
_OPPOSITE: dict[str, sh.How] = {"max": "min", "min": "max"}  # the fullest has the least left


def measure(what: Measure, by: By) -> str:
    """The value itself, one series per combination of the `by` labels. Quantiles come from recorded bucket rates."""
    match what:
        case sh.Rate(sources, operation, window, born):
            return summed(sources, by, operation, window, born=born)
        case sh.Ratio():
            return _ratio(what, by)
        case sh.Quantile(bucket, q, window, native=True):
            return f"histogram_quantile({unit.number(q)}, {summed((bucket,), by, 'rate', window)})"
        case sh.Quantile(bucket, q, window):
            return f"histogram_quantile({unit.number(q)}, {buckets(bucket, by, window)})"
        case sh.Mean(total, _, window, native=True):
            rates = summed((total,), by, "rate", window)
            return f"histogram_sum({rates}) / (histogram_count({rates}) > 0)"
        case sh.Mean(total, count, window):
            return f"{summed((total,), by, 'rate', window)} / ({summed((count,), by, 'rate', window)} > 0)"
        case sh.Gauge(source, how, smooth):
            return aggregated(
                how, to_text(source) if smooth is None else f"avg_over_time({ranged(source, smooth)})", by
            )
        case sh.Usage():
            return _usage(what, by)
        case sh.Age(source, how):
            return f"time() - {aggregated(how, to_text(source), by)}"
        case sh.Expression(text):
            return text
    assert_never(what)


def condition(value: str, what: sh.Condition) -> str:
    """The value under its condition; `value` is a selector wherever the condition looks back in time."""
    match what:
        case sh.Above(threshold, reached):
            return f"{value} {'>=' if reached else '>'} {unit.number(threshold)}"
        case sh.Below(threshold):
            return f"{value} < {unit.number(threshold)}"
        case sh.Rises(factor, versus, mean):
            return f"{value} > {_earlier(value, factor, versus, mean)}{_since(value, versus) if mean else ''}"
        case sh.Drops(factor, versus, mean):
            return f"{value} < {_earlier(value, factor, versus, mean)}{_since(value, versus) if mean else ''}"
        case sh.Deviates(sigma, over, floor):
            usual = f"avg_over_time({value}[{duration.text(over)}])"
            off = f"abs({value} - {usual})"
            spread = f"stddev_over_time({value}[{duration.text(over)}])"
            far = f"{off} > {unit.number(sigma)} * {spread} and {off} > {unit.number(floor)} * abs({usual})"
            return far + _since(value, over)
        case sh.Strays(tolerance, over):
            usual = f"avg_over_time({value}[{duration.text(over)}])"
            return f"abs({value} / {usual} - 1) > {unit.number(tolerance)}{_since(value, over)}"
        case sh.Grows(amount, within):
            return f"delta({value}[{duration.text(within)}]) > {unit.number(amount)}"
        case sh.FillsIn(limit, within, trend):
            rising = f"deriv({value}[{duration.text(trend)}]) > 0"
            return f"{forecast(value, trend, within)} > {unit.number(limit)} and {rising} and {known(value, trend)}"
        case sh.Stale(age):
            return f"{value} > {unit.number(duration.seconds(age))}"
        case sh.Absent(up):
            return f"absent({value} == 1)" if up else f"absent({value})"
        case sh.ReplicaDown():
            return f"max by (instance) ({value}) == 0 and on () max({value}) == 1"
        case sh.Burn() | sh.Exhausted() | sh.Budget() | sh.Overruns() | sh.Free():
            raise ValueError(f"{type(what).__name__} writes its own expression")
    assert_never(what)


def forecast(value: str, trend: timedelta, ahead: timedelta) -> str:
    """What the value will be at its trend; `ahead` of zero is where the trend stands now."""
    return f"predict_linear({value}[{duration.text(trend)}], {unit.number(duration.seconds(ahead))})"


def known(value: str, trend: timedelta) -> str:
    """The value half a trend ago: two samples after a start are no trend."""
    return f"{value} offset {duration.text(sh.half(trend))}"


def buckets(bucket: Selector, by: By, window: timedelta) -> str:
    """The rate of each bucket: what quantiles are taken from, and what heatmaps show."""
    return summed((bucket,), by, "rate", window, keep=("le",))


def summed(
    sources: Sequence[Selector],
    by: By,
    operation: str,
    window: timedelta | str,
    keep: Sequence[str] = (),
    born: Selector | None = None,
) -> str:
    """`sum by (...) (rate(x[5m]))` over all sources; one that has no series yet takes nothing from the others."""
    parts = [f"{operation}({ranged(source, window)})" for source in sources]
    parts += [_first(source, born, window) for source in sources] if born else []
    if len(parts) > 1:  # a rate has lost its name: without a label that tells them apart, `or` would drop all but one
        parts = [f'label_replace({part}, "summand", "{i}", "", "")' for i, part in enumerate(parts, 1)]
    return aggregated("sum", " or ".join(parts), by, keep)


def _first(source: Selector, up: Selector, window: timedelta | str) -> str:
    """What a series was born with, if its target has been up all the while: else it may have been there before."""
    back = window if isinstance(window, str) else duration.text(window)
    there = f"on (job, instance) {to_text(up)} offset {back} == 1"
    return f"min_over_time({ranged(source, window)}) unless {to_text(source)} offset {back} and {there}"


def aggregated(how: str, inner: str, by: By, keep: Sequence[str] = ()) -> str:
    """An aggregation that keeps the `by` labels, renamed where the spec says so."""
    for label in by:
        if label.name != label.source:
            inner = f'label_replace({inner}, {quote(label.name)}, "$1", {quote(label.source)}, "(.*)")'
    labels = [*keep, *(label.name for label in by)]
    return f"{how} by ({', '.join(labels)}) ({inner})" if labels else f"{how}({inner})"


def ranged(source: Selector, window: timedelta | str) -> str:
    """A range of raw series."""
    text = window if isinstance(window, str) else duration.text(window)
    return f"{to_text(source)}[{text}]"


def recorded(name: str, labels: dict[str, str]) -> str:
    """A selector of a recorded series."""
    return selector(name, labels)


def matched(series: str, more: tuple[Matcher, ...]) -> str:
    """A selector of a recorded series with further matchers."""
    if not more:
        return series
    found = parse(series)
    assert isinstance(found, Selector)
    return to_text(replace(found, matchers=(*found.matchers, *more)))


def bound(value: Decimal) -> str:
    """A regex for a bucket's `le` that matches what Prometheus 2 and 3 write: 1 and 1.0, 1000000 and 1e+06."""
    text = unit.number(value)
    plain = text.replace(".", "[.]") if "." in text else f"{text}([.]0)?"
    if Decimal("0.0001") <= value < 1_000_000:
        return plain
    head, _, power = f"{value.normalize():e}".partition("e")
    sign, digits = ("[+]", power[1:]) if power.startswith("+") else ("-", power[1:])
    return f"{plain}|{head.replace('.', '[.]')}e{sign}{digits.zfill(2)}"


def _ratio(what: sh.Ratio, by: By) -> str:
    total = summed(what.total, by, "rate", what.window)
    part = summed(what.part, by, "rate", what.window)
    share = f"({part} or 0 * {total}) / ({total} > 0)"
    return share if what.scale == 1 else f"{unit.number(what.scale)} * {share}"


def _usage(what: sh.Usage, by: By) -> str:
    used = to_text(what.used) if what.rated is None else f"rate({ranged(what.used, what.rated)})"
    top = aggregated(_OPPOSITE.get(what.how, what.how) if what.free else what.how, used, by)
    bottom = (
        unit.number(what.limit)
        if isinstance(what.limit, Decimal)
        else aggregated("sum" if what.how == "sum" else "max", to_text(what.limit), by)
    )
    return f"1 - {top} / {bottom}" if what.free else f"{top} / {bottom}"


def _since(value: str, over: timedelta) -> str:
    """Quiet until there is half of the past that it is compared with: a mean of minutes is no usual value."""
    return f" and {known(value, over)}"


def _earlier(value: str, factor: Decimal, versus: timedelta, mean: bool) -> str:
    past = f"avg_over_time({value}[{duration.text(versus)}])" if mean else f"{value} offset {duration.text(versus)}"
    return f"{unit.number(factor)} * {past}"
