"""Trends: a signal against an earlier time, its growth, or the time until a limit; recorded, shown and watched."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, promql, unit
from llmmon.classes import frozen
from llmmon.lower import expressions as ex
from llmmon.lower import text
from llmmon.lower.alerts import category_of
from llmmon.lower.recorder import word
from llmmon.lower.rule import rule
from llmmon.lower.rungs import has_unit
from llmmon.lower.watching import guard_text, lower_guard, regrouped
from llmmon.plan import Signal
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from decimal import Decimal

    from llmmon.lower.place import Place
    from llmmon.plan import Alert, ByLabel
    from llmmon.problem import Origin
    from llmmon.spec import trends as spec

PREFIX = "trend_"
_OVER = timedelta(days=1)  # what a forecast is taken from where nothing is said
_NAMES = {sh.Rises: "Rises", sh.Drops: "Drops", sh.Grows: "Grows", sh.FillsIn: "FillsUp"}


@frozen
class Shown:
    """A trend as panels show it: the signal that it is of, what was recorded, and the alert that watches it."""

    signal: Signal
    by: tuple[ByLabel, ...]
    written: spec.Trend
    recorded: tuple[Signal, ...]
    alert: Alert | None = None


@frozen
class _Trend:
    """One trend in one environment, and what its series are named after."""

    name: str
    written: spec.Trend
    signal: Signal
    by: tuple[ByLabel, ...]
    origin: Origin
    place: Place

    @property
    def value(self) -> str:
        """The recorded series that it is taken from."""
        return self.place.recorder.value(self.signal, self.by)

    def record(self, variant: str, operation: str, expression: str, of: str | None, words: str) -> Signal:
        """A recording rule, and a signal that panels may show."""
        level = "_".join(("service", *(label.name for label in self.by)))
        noun = f"_{word(of)}" if word(of) else ""
        family = f"{PREFIX}{self.name}"
        name = f"{level}:{family}_{variant}{noun}:{operation}"
        recorder, keeps = self.place.recorder, tuple(label.name for label in self.by)
        recorder.add(name, expression, self.signal, f"{self.signal.role}/{level}", keeps, self.origin)
        measure = sh.Expression(recorder.text(name))
        made = Signal(f"{family}.{variant}", measure, self.by, of, words, self.origin)
        self.place.signals.variants.setdefault(family, {})[variant] = made
        recorder.named[made.role] = (name, {})
        return made


def lower_trends(place: Place) -> None:
    """Recording rules, panel signals and alerts of every trend."""
    for name, written in place.service.spec.trends.items():
        origin = place.service.origin("trends", name)
        found = place.signals.find(written.of, origin.at("of"))
        if found is None or _looks_back(found, origin, place):
            continue
        signal = place.here(found)
        by = regrouped(signal, written.by, origin, place)
        if by is None:
            continue
        _one(_Trend(name, written, signal, by, origin, place))


def _looks_back(signal: Signal, origin: Origin, place: Place) -> bool:
    """Whether the signal compares with the past already: the trend of a trend says nothing that one could act on."""
    back = signal.role.startswith(PREFIX)
    if isinstance(signal.measure, sh.Expression) and not back:
        nodes = promql.walk(promql.parse(signal.measure.text, version=place.names.version))
        back = any(isinstance(node, promql.Selector) and node.offset for node in nodes)
    if back:
        message = f"{signal.role} compares with the past already: write of: the signal that it is made from"
        place.names.add(origin.at("of"), message, "trend-of-a-trend")
    return back


def _one(trend: _Trend) -> None:
    written, place = trend.written, trend.place
    if written.versus is not None:
        place.remembers(written.versus, trend.origin.at("versus"))
        shown, what = _versus(trend, written.versus)
    elif written.per is not None:
        place.remembers(written.per, trend.origin.at("per"))
        shown, what = _per(trend, written.per)
    else:
        assert written.until is not None
        place.remembers(written.over or _OVER, trend.origin.at("over"))
        if not has_unit(written.until, trend.signal, trend.origin.at("until"), place):
            return
        shown, what = _until(trend, written.until.value, written.over or _OVER)
    alert = _alert(trend, shown, what) if what is not None else None
    if alert:
        place.alerts.append(alert)
    place.trends[trend.name] = Shown(trend.signal, trend.by, written, shown, alert)


def _versus(trend: _Trend, back: timedelta) -> tuple[tuple[Signal, ...], sh.Condition | None]:
    """Now over then. Nothing where there was nothing then, where the value is not a number, or is below 0."""
    ago = duration.text(back)
    ratio = f"({trend.value} >= 0) / ({trend.value} offset {ago} > 0)"
    words = f"{trend.signal.help} As a share of what it was {ago} ago."
    shown = trend.record("versus", f"offset{ago}", ratio, "ratio", words)
    return (shown,), _change(trend, back)


def _change(trend: _Trend, back: timedelta) -> sh.Condition | None:
    written, add = trend.written, trend.place.names.add
    if written.rises is not None:
        if _is_share(written.rises) and written.rises.value > 0:
            return sh.Rises(1 + written.rises.value, back)
        add(trend.origin.at("rises"), f"{written.rises.text!r} is no rise: write a share, such as 20%", "no-change")
    if written.drops is not None:
        if _is_share(written.drops) and 0 < written.drops.value < 1:
            return sh.Drops(1 - written.drops.value, back)
        message = f"{written.drops.text!r} is no drop: write a share between 0% and 100%, such as 20%"
        add(trend.origin.at("drops"), message, "no-change")
    return None


def _is_share(quantity: unit.Quantity) -> bool:
    return quantity.dimension == "ratio"


def _per(trend: _Trend, time: timedelta) -> tuple[tuple[Signal, ...], sh.Condition | None]:
    within = duration.text(time)
    words = f"{trend.signal.help} Its growth within {within}."
    growth = f"delta({trend.value}[{within}])"
    shown = trend.record("growth", f"delta{within}", growth, trend.signal.unit, words)
    grows, origin = trend.written.grows, trend.origin.at("grows")
    if grows is None or not has_unit(grows, trend.signal, origin, trend.place):
        return (shown,), None
    if grows.value <= 0:
        trend.place.names.add(origin, f"{grows.text!r} is no growth: write more than 0", "no-change")
        return (shown,), None
    return (shown,), sh.Grows(grows.value, time)


def _until(trend: _Trend, limit: Decimal, over: timedelta) -> tuple[tuple[Signal, ...], sh.Condition | None]:
    """The time left while it grows, and with `within` what it will be then. No trend before half of `over` is known."""
    value, known = trend.value, ex.known(trend.value, over)
    room = f"clamp_min({unit.number(limit)} - {ex.forecast(value, over, timedelta(0))}, 0)"
    left = f"{room} / (deriv({value}[{duration.text(over)}]) > 0) and {known}"
    at = text.number(limit, trend.signal.unit)
    words = f"{trend.signal.help} The time until {at}, at the trend of the last {duration.text(over)}."
    shown = trend.record("left", f"deriv{duration.text(over)}", left, "seconds", words)
    within = trend.written.within
    if within is None:
        return (shown,), None
    words = f"{trend.signal.help} In {duration.text(within)}, at the trend of the last {duration.text(over)}."
    ahead = f"{ex.forecast(value, over, within)} and {known}"
    forecast = trend.record("forecast", f"predict{duration.text(within)}", ahead, trend.signal.unit, words)
    return (forecast, shown), sh.FillsIn(limit, within, over)


def _alert(trend: _Trend, shown: tuple[Signal, ...], what: sh.Condition) -> Alert | None:
    written, place, signal = trend.written, trend.place, trend.signal
    series = [place.recorder.value(item, item.by) for item in shown]
    guard = lower_guard(written, trend.by, trend.origin, place)
    expression = f"{series[0]} {_compared(what)}" + "".join(f" and {other} >= 0" for other in series[1:])
    if guard:
        expression += f" and on ({', '.join(label.name for label in guard.by)}) {guard_text(guard, place)}"
    of = shown[0].unit
    base = f"{text.words(signal.role)} of {place.scope.service}"
    said = f"{base[:1].upper()}{base[1:]} {text.says(signal.role, text.condition(what, signal.unit))}"
    return rule(
        place,
        name=written.alert or f"{text.camel(trend.name)}{_NAMES[type(what)]}",
        expression=expression,
        shape=sh.Shape(signal.measure, trend.by, what, guard),
        severity=written.severity,
        category=written.category
        or (category_of(signal) if isinstance(what, sh.Rises | sh.Drops) else "")
        or "capacity",
        hold=written.hold,
        keep=timedelta(0),
        summary=written.summary or f"{said}{text.labels(label.name for label in trend.by)}",
        description=f"{text.go_literal(signal.help)} {_says(what, signal.unit)}",
        of=of,
        origin=trend.origin,
    )


def _says(what: sh.Condition, of: str | None) -> str:
    match what:
        case sh.Rises(versus=back) | sh.Drops(versus=back):
            return f"Now {unit.humanize('ratio')} of what it was {duration.text(back)} ago."
        case sh.FillsIn(limit, within, over):
            ahead = f"At the trend of the last {duration.text(over)} it will be {unit.humanize(of)}"
            return f"{ahead} in {duration.text(within)}; the limit is {text.number(limit, of)}."
        case sh.Grows(within=time):
            return f"It has grown by {unit.humanize(of)} within {duration.text(time)}."
    raise ValueError(f"no trend has the condition {type(what).__name__}")


def _compared(what: sh.Condition) -> str:
    match what:
        case sh.Rises(factor):
            return f"> {unit.number(factor)}"
        case sh.Drops(factor):
            return f"< {unit.number(factor)}"
        case sh.Grows(amount):
            return f"> {unit.number(amount)}"
        case sh.FillsIn(limit):
            return f"> {unit.number(limit)}"
    raise ValueError(f"no trend has the condition {type(what).__name__}")
