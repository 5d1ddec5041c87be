"""Budgets of money or tokens: what is spent over a rolling window, as a share of the limit, projected and left."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql, unit
from llmmon.classes import replace
from llmmon.lower import expressions as ex
from llmmon.lower.calendar import lower_calendar
from llmmon.lower.limits import limits_of, selectors
from llmmon.lower.signals import by_labels
from llmmon.lower.spending import Spending
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import Signal
    from llmmon.problem import Origin
    from llmmon.spec import budgets as spec

_DAY = timedelta(days=1)


def lower_budgets(place: Place) -> None:
    """Recording rules, alerts and panel signals of every budget."""
    for name, written in place.service.spec.budgets.items():
        origin = place.service.origin("budgets", name)
        if written.rolling is None:
            lower_calendar(name, written, origin, place)
        else:
            _rolling(name, written, origin, place)


def _rolling(name: str, written: spec.Budget, origin: Origin, place: Place) -> None:
    assert written.signal is not None
    assert written.rolling is not None
    found = place.signals.find(written.signal, origin.at("signal"))
    if found is None:
        return
    signal = place.here(found)
    if not isinstance(signal.measure, sh.Rate):
        message = f"{written.signal} is no rate of a counter: a budget needs a signal with rate:"
        place.names.add(origin.at("signal"), message, "not-a-rate")
        return
    place.remembers(written.rolling, origin.at("rolling"))
    money = (signal.unit or "").removesuffix("/s") or None
    limits = limits_of(written, money, origin, place)
    by = by_labels(written.by, place.names, origin.at("by"))
    grouped = place.names.grouping(by, (*signal.measure.sources, *selectors(limits)), origin.at("by"))
    if limits is None or not grouped:
        return
    period = f"over a rolling {duration.text(written.rolling)}"
    budget = Spending(name, written, by, limits, money, period, origin, place)
    sources = tuple(limits.narrowed(source, by) for source in signal.measure.sources)
    _watch(budget, signal, replace(signal.measure, sources=sources), written.rolling)


def _watch(budget: Spending, signal: Signal, measure: sh.Rate, rolling: timedelta) -> None:
    limits = budget.limits
    metric = isinstance(limits.main, promql.Selector)
    on = budget.on if metric else ""
    over = f"increase{duration.text(rolling)}"

    def spent(window: timedelta) -> str:
        expression = ex.summed(measure.sources, budget.by, "increase", window)
        return budget.record("spent", budget.money, f"increase{duration.text(window)}", expression, signal)

    def of_limit(value: str, factor: str = "") -> str:
        return limits.each(budget.by, lambda top, own: f"{factor}{ex.matched(value, own)} / {on}{top}")

    in_all = spent(rolling)
    used = budget.record("used", "ratio", over, of_limit(in_all), signal)
    budget.show("used", used, "ratio")
    budget.show("spent", in_all, budget.money)
    if rolling > _DAY:
        in_a_day = spent(_DAY)

        def days(top: str, own: tuple[promql.Matcher, ...]) -> str:
            left = f"clamp_min({top} - {on}{ex.matched(in_all, own)}, 0)"
            return f"{left} / {budget.on if metric or own else on}({ex.matched(in_a_day, own)} > 0)"

        left = budget.record("left", "days", "increase1d", limits.each(budget.by, days), signal)
        budget.show("days_left", left, "days")
    budget.watch(used, measure, lambda share: sh.Budget(share, rolling, limits.main))
    if budget.written.forecast:
        trend = budget.written.trend or rolling / 6
        whole = rolling % trend == timedelta(0)
        factor = unit.number(Decimal(rolling // trend) if whole else Decimal(str(rolling / trend)))
        expression = of_limit(spent(trend), f"{factor} * ")
        ahead = budget.record("forecast", "ratio", f"increase{duration.text(trend)}", expression, signal)
        budget.show("forecast", ahead, "ratio")
        budget.foresee(ahead, trend, lambda share: sh.Budget(share, rolling, limits.main, trend, rolling), measure)
