"""Budgets that a calendar starts anew: gauges of what is spent, left or used in this period, and where that leads."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql, unit
from llmmon.lower import expressions as ex
from llmmon.lower.limits import Limits, limits_of, selectors
from llmmon.lower.signals import by_labels
from llmmon.lower.spending import Spending
from llmmon.plan import shapes as sh
from llmmon.problem import Level

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel
    from llmmon.problem import Origin
    from llmmon.spec import budgets as spec

_SCALES = {"percent": Decimal(100), "ratio": Decimal(1)}  # of a gauge of the used part
_LOTS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_TRENDS = {"day": timedelta(hours=4), "week": timedelta(days=1), "month": timedelta(days=5)}
_TREND = timedelta(hours=6)  # where only a metric knows the period
_LEFT = {  # seconds; Unix time began on a Thursday, three days after a Monday
    "day": "(86400 - time() % 86400)",
    "week": "(604800 - (time() + 259200) % 604800)",
    "month": "((scalar(days_in_month()) - scalar(day_of_month()) + 1) * 86400 - time() % 86400)",
}


def lower_calendar(name: str, written: spec.Budget, origin: Origin, place: Place) -> None:
    """Recording rules, alerts and panel signals of one budget."""
    form = next(key for key in ("spent", "left", "used") if getattr(written, key) is not None)
    gauge = place.names.selector(getattr(written, form), origin.at(form), ("gauge",))
    if gauge is None:
        return
    metric = place.names.lookup(gauge.name or "")
    money = metric.unit if metric else None
    limits = _scale(money, origin.at("used"), place) if form == "used" else limits_of(written, money, origin, place)
    by = by_labels(written.by, place.names, origin.at("by"))
    resets = _resets(written.resets, origin.at("resets"), place) if written.resets else None
    clocks = [clock for clock in (resets.left, resets.at) if clock] if resets else []
    grouped = place.names.grouping(by, (gauge, *selectors(limits), *clocks), origin.at("by"))
    if limits is None or not grouped or (written.resets and not resets):
        return
    _told_apart(gauge, by, origin, place)
    until = f"in this {written.resets.every}" if written.resets and written.resets.every else "in this period"
    budget = Spending(name, written, by, limits, None if form == "used" else money, until, origin, place)
    selected = limits.narrowed(place.scope.apply(gauge, place.names), by)
    _watch(budget, form, sh.Usage(selected, limits.main, "max", None, form == "left"), limits, resets)


def _told_apart(gauge: promql.Selector, by: tuple[ByLabel, ...], origin: Origin, place: Place) -> None:
    """A label that is not kept may hold several budgets, of which the fullest would stand for all."""
    metric = place.names.lookup(gauge.name or "")
    given = {label.source for label in by} | {matcher.label for matcher in gauge.matchers}
    if rest := sorted(set(metric.labels if metric else ()) - given):
        message = (
            f"{gauge.name} also has {', '.join(rest)}: of several series the fullest counts, and nothing is added "
        )
        place.names.add(
            origin, f"{message}up; write all that tell budgets apart in by:", "mixed-budgets", Level.WARNING
        )


def _watch(budget: Spending, form: str, measure: sh.Usage, limits: Limits, resets: sh.Resets | None) -> None:
    used = budget.record("used", "ratio", "calendar", _used(budget, form, measure, limits))
    budget.show("used", used, "ratio")
    budget.watch(used, measure, lambda share: sh.Above(share, reached=share == 1))
    if resets is None:
        return
    trend = budget.written.trend or (_TRENDS[resets.every] if resets.every else _TREND)
    budget.place.remembers(trend, budget.origin.at("trend"))
    over = duration.text(trend)
    rise = f"clamp_min(deriv({used}[{over}]), 0) * {_left(budget, resets)}"
    ahead = f"{used} + {budget.on}{rise} and {budget.on}{ex.known(used, trend)}"
    series = budget.record("forecast", "ratio", f"deriv{over}", ahead)
    budget.show("forecast", series, "ratio")
    budget.foresee(series, trend, lambda share: sh.Overruns(share, trend, resets), measure)


def _used(budget: Spending, form: str, measure: sh.Usage, limits: Limits) -> str:
    on = budget.on if isinstance(limits.main, promql.Selector) else ""
    if form == "used":
        gauge = ex.aggregated("max", promql.to_text(measure.used), budget.by)
        return gauge if limits.main == 1 else f"{gauge} / {unit.number(_SCALES['percent'])}"
    how = "min" if form == "left" else "max"
    amount = ex.aggregated(how, f"{promql.to_text(measure.used)} < +Inf", budget.by)
    recorded = budget.record(form, budget.money, "calendar", amount)
    budget.show(form, recorded, budget.money)
    start = "1 - " if form == "left" else ""
    return limits.each(budget.by, lambda top, own: f"{start}{ex.matched(recorded, own)} / {on}{top}")


def _left(budget: Spending, resets: sh.Resets) -> str:
    """Seconds until the period ends."""
    if resets.every:
        return _LEFT[resets.every]
    if resets.at:
        return f"{budget.on}({ex.aggregated('max', promql.to_text(resets.at), budget.by)} - time())"
    assert resets.left is not None
    hours = ex.aggregated("max", f"{promql.to_text(resets.left)} < +Inf", budget.by)
    return f"{budget.on}({hours} * {resets.seconds})" if resets.seconds != 1 else f"{budget.on}{hours}"


def _scale(of: str | None, origin: Origin, place: Place) -> Limits | None:
    if of not in _SCALES:
        message = f"used is a share of the limit, in percent or ratio, and this metric is in {of or 'no unit'}: "
        place.names.add(origin, f"{message}declare its unit, or write spent or left with a limit", "wrong-unit")
        return None
    return Limits(_SCALES[of], {}, True)


def _resets(written: spec.Resets, origin: Origin, place: Place) -> sh.Resets | None:
    if written.every:
        return sh.Resets(written.every)
    key, text = ("in", written.in_) if written.in_ is not None else ("at", written.at)
    found = place.names.selector(text or "", origin.at(key), ("gauge",))
    if found is None:
        return None
    metric = place.names.lookup(found.name or "")
    of = metric.unit if metric else None
    here = place.scope.apply(found, place.names)
    if key == "at":
        if of == "seconds":
            return sh.Resets(at=here)
        message = f"{found.name} is in {of or 'no unit'}: the time of a reset is in seconds since 1970"
    else:
        if of in _LOTS:
            return sh.Resets(left=here, seconds=_LOTS[of])
        message = f"{found.name} is in {of or 'no unit'}: the time that is left is in {', '.join(_LOTS)}"
    place.names.add(origin.at(key), message, "wrong-unit")
    return None
