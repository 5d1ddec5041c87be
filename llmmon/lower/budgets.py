"""Budgets: money or tokens over a rolling window against a limit, used, projected and left."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql, unit
from llmmon.lower import expressions as ex
from llmmon.lower import text
from llmmon.lower.recorder import word
from llmmon.lower.rule import rule
from llmmon.lower.signals import by_labels
from llmmon.plan import Signal
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel
    from llmmon.problem import Origin
    from llmmon.spec import alerts as spec

_DAY = timedelta(days=1)
HOLD = {"critical": timedelta(minutes=5), "warning": timedelta(minutes=15)}


def lower_budgets(place: Place) -> None:
    """Recording rules, alerts and panel signals of every budget."""
    for name, written in place.service.spec.budgets.items():
        origin = place.service.origin("budgets", name)
        found = place.signals.find(written.signal, origin.at("signal"))
        if found is None:
            continue
        signal = place.here(found)
        if not isinstance(signal.measure, sh.Rate):
            message = f"{written.signal} is no rate of a counter: a budget needs a signal with rate:"
            place.names.add(origin.at("signal"), message, "not-a-rate")
            continue
        limit = _limit(written, found, origin, place)
        by = by_labels(written.by, place.names, origin.at("by"))
        limits = () if isinstance(limit, Decimal | None) else (limit,)
        grouped = place.names.grouping(by, (*signal.measure.sources, *limits), origin.at("by"))
        if limit is not None and grouped:
            _one(name, written, signal, signal.measure, by, limit, origin, place)


def _limit(written: spec.Budget, signal: Signal, origin: Origin, place: Place) -> promql.Selector | Decimal | None:
    constant = unit.parse(written.limit)
    money = (signal.unit or "").removesuffix("/s")
    if constant is None:
        found = place.names.selector(written.limit, origin.at("limit"), ("gauge",))
        return place.scope.apply(found, place.names) if found else None
    if not unit.fits(constant, money):
        place.names.add(
            origin.at("limit"), f"{written.limit!r} is no limit for {signal.role}, in {money}", "wrong-unit"
        )
        return None
    return constant.value


def _one(
    name: str,
    written: spec.Budget,
    signal: Signal,
    measure: sh.Rate,
    by: tuple[ByLabel, ...],
    limit: promql.Selector | Decimal,
    origin: Origin,
    place: Place,
) -> None:
    recorder = place.recorder
    level = "_".join(("service", *(label.name for label in by)))
    money = (signal.unit or "").removesuffix("/s") or None
    of_money = f"_{word(money)}" if word(money) else ""
    keeps = tuple(label.name for label in by)
    rolling = duration.text(written.rolling)
    bundle = f"budget/{name}"
    top = unit.number(limit) if isinstance(limit, Decimal) else ex.aggregated("max", promql.to_text(limit), by)
    match_on = f"on ({', '.join(keeps)}) " if not isinstance(limit, Decimal) else ""

    def spent(window: timedelta) -> str:
        over = duration.text(window)
        series = f"{level}:budget_spent{of_money}:increase{over}"
        return record(series, ex.summed(measure.sources, by, "increase", window))

    def record(series: str, expression: str) -> str:
        recorder.add(series, expression, signal, bundle, keeps, origin, budget=name)
        return recorder.text(series, budget=name)

    used = record(f"{level}:budget_used_ratio:increase{rolling}", f"{spent(written.rolling)} / {match_on}{top}")
    _signal(name, "used", f"{level}:budget_used_ratio:increase{rolling}", by, "ratio", origin, place)
    _signal(name, "spent", f"{level}:budget_spent{of_money}:increase{rolling}", by, money, origin, place)
    if written.rolling > _DAY:
        left = f"clamp_min({top} - {match_on}{spent(written.rolling)}, 0) / {match_on}({spent(_DAY)} > 0)"
        record(f"{level}:budget_left_days:increase1d", left)
        _signal(name, "days_left", f"{level}:budget_left_days:increase1d", by, "days", origin, place)
    for severity, share in (("warning", written.warning), ("critical", written.critical)):
        if share is not None:
            what = sh.Budget(share.value, written.rolling, limit)
            _alert(f"{text.camel(name)}BudgetUsed", name, severity, used, what, measure, by, origin, place)
    if written.forecast:
        share = written.forecast if isinstance(written.forecast, unit.Quantity) else None
        trend = written.trend or written.rolling / 6
        pace = Decimal(written.rolling // trend) if written.rolling % trend == timedelta(0) else None
        factor = unit.number(pace or Decimal(str(written.rolling / trend)))
        series = f"{level}:budget_forecast_ratio:increase{duration.text(trend)}"
        ahead = record(series, f"{factor} * {spent(trend)} / {match_on}{top}")
        _signal(name, "forecast", series, by, "ratio", origin, place)
        what = sh.Budget(share.value if share else Decimal(1), written.rolling, limit, trend, written.rolling)
        severity = "info" if share and share.value < 1 else "warning"
        _alert(f"{text.camel(name)}BudgetForecast", name, severity, ahead, what, measure, by, origin, place)


def _alert(
    alert: str,
    name: str,
    severity: str,
    value: str,
    what: sh.Budget,
    measure: sh.Rate,
    by: tuple[ByLabel, ...],
    origin: Origin,
    place: Place,
) -> None:
    target = place.environment.demote.get(severity, severity)  # type: ignore[call-overload]
    if target != severity and any(a.name == alert and a.severity == target for a in place.alerts):
        return
    keeps = [label.name for label in by]
    subject = f"The {text.words(name)} budget of {place.scope.service}"
    made = rule(
        place,
        name=alert,
        expression=f"{value} > {unit.number(what.share)}",
        shape=sh.Shape(measure, by, what),
        severity=severity,  # type: ignore[arg-type]
        category="cost",
        hold=HOLD[severity] if what.forecast is None else min(what.forecast / 8, timedelta(hours=1)),
        keep=timedelta(0),
        summary=f"{subject}{text.labels(keeps)}: {_words(what)}",
        description=f"Spending over a rolling {duration.text(what.rolling)}. "
        f"Now {unit.humanize('ratio')} of the limit.",
        of="ratio",
        origin=origin,
    )
    if made:
        place.alerts.append(made)


def _words(what: sh.Budget) -> str:
    share = text.number(what.share, "ratio")
    if what.forecast:
        return f"at the pace of the last {duration.text(what.forecast)}, more than {share} will be used"
    return f"more than {share} is used"


def _signal(
    name: str, variant: str, series: str, by: tuple[ByLabel, ...], of: str | None, origin: Origin, place: Place
) -> None:
    role = f"budget_{name}.{variant}"
    words = f"{text.words(name).capitalize()} budget, {text.words(variant)}."
    plain = tuple(dict.fromkeys(by))
    measure = sh.Expression(place.recorder.text(series, budget=name))
    signal = Signal(role, measure, plain, of, words, origin)
    place.signals.variants.setdefault(f"budget_{name}", {})[variant] = signal
    place.recorder.named[role] = (series, {"budget": name})
