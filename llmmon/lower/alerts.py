"""Alerts: a signal and a verb become an expression, labels, texts and a shape that tests work from."""

from __future__ import annotations

import difflib
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import promql, unit
from llmmon.classes import replace
from llmmon.lower import expressions as ex
from llmmon.lower import text
from llmmon.lower.recorder import looks_back
from llmmon.lower.rule import rule
from llmmon.lower.rungs import Rung, rank, rungs
from llmmon.lower.watching import expression, lower_guard, regrouped
from llmmon.plan import Test
from llmmon.plan import shapes as sh
from llmmon.plan.fleet import CATEGORIES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.lower.names import Names
    from llmmon.lower.place import Place
    from llmmon.plan import Alert, Signal
    from llmmon.problem import Origin
    from llmmon.spec import alerts as spec

HOLD: Mapping[Severity, timedelta] = {
    "critical": timedelta(minutes=5),
    "warning": timedelta(minutes=10),
    "info": timedelta(minutes=15),
}
WATCHDOG = "Watchdog"
KEEP = timedelta(minutes=5)  # a rate near its threshold flaps; people want one notification
_FIRST = timedelta(minutes=15)  # over more, a target is rarely old enough to say which of its series are new
_CATEGORY_OF_ROLE = {
    "requests": "availability",
    "errors": "errors",
    "latency": "latency",
    "ttft": "latency",
    "itl": "latency",
    "saturation": "saturation",
    "queue": "saturation",
    "inflight": "saturation",
    "kv_usage": "saturation",
    "spend": "cost",
    "budget": "cost",
    "tokens_in": "cost",
    "tokens_out": "cost",
    "cache_hits": "latency",
    "cache_misses": "latency",
}
_CATEGORY_OF_MEASURE = {sh.Quantile: "latency", sh.Mean: "latency", sh.Usage: "saturation"}


def lower_alerts(place: Place) -> None:
    """Every alert that the service's spec and presets name, in this environment."""
    for name, written in place.service.spec.alerts.items():
        origin = place.service.origin("alerts", name)
        if name == WATCHDOG:
            place.names.add(origin, f"{WATCHDOG} is the fleet's own alert: give yours another name", "reserved-alert")
            continue
        if written.off:
            if not _says_something(written):
                near = difflib.get_close_matches(name, place.service.spec.alerts.keys() - {name}, 1)
                hint = f"did you mean {near[0]!r}?" if near else "no preset of this service brings it"
                place.names.add(origin, f"there is no alert {name!r} to switch off: {hint}", "unknown-alert")
            continue
        unknown = set(written.envs) - {environment.name for environment in place.fleet.environments}
        for environment in sorted(unknown):
            known = ", ".join(item.name for item in place.fleet.environments)
            message = f"unknown environment {environment!r}: the fleet has {known}"
            place.names.add(origin.at("in", environment), message, "unknown-environment")
        if place.environment.name in written.envs and written.envs[place.environment.name] is None:
            continue
        place.alerts.extend(_alert(name, written, origin, place))


def _says_something(written: spec.Alert) -> bool:
    return bool(written.signal or written.expr or written.down)


def _alert(name: str, written: spec.Alert, origin: Origin, place: Place) -> Iterator[Alert]:
    if written.expr is not None:
        yield from _free(name, written, origin, place)
        return
    if written.down:
        yield from _down(name, written, origin, place)
        return
    found = place.signals.find(written.signal or "", origin.at("signal"))
    if found is None:
        return
    signal = place.here(found)
    by = regrouped(signal, written.by, origin, place)
    if by is None:
        return
    category = written.category or category_of(signal)
    if category not in CATEGORIES:
        message = f"{name} needs a category: one of {', '.join(CATEGORIES)}"
        place.names.add(origin, message, "no-category")
        return
    steps = list(rungs(written, replace(signal, by=by), origin, place))
    for back in {time for _, what, _ in steps if (time := looks_back(what))}:
        place.remembers(back, origin)
    demote = place.environment.demote
    lowest = {demote.get(severity, severity): severity for severity, _, _ in sorted(steps, key=rank)}
    signal = _with_first(signal, steps, written, place)
    for severity, what, exceptions in steps:
        if severity != lowest[demote.get(severity, severity)]:
            continue  # the lower rung says it already
        guard = lower_guard(written, by, origin, place)
        watched = expression(signal, by, what, exceptions, guard, place)
        shape = sh.Shape(signal.measure, by, what, guard, exceptions)
        of = None if isinstance(what, sh.Strays) else signal.unit
        names = [label.name for label in by]
        subject = f"{text.words(signal.role)} of {place.scope.service}"
        base = subject[:1].upper() + subject[1:]
        alert = rule(
            place,
            name=name,
            expression=watched,
            shape=shape,
            severity=severity,
            category=category,
            hold=_hold(written, severity, place),
            keep=_keep(written, severity, signal, what),
            summary=written.summary
            or f"{base} {text.says(signal.role, text.condition(what, signal.unit))}{text.labels(names)}",
            description=written.description or _description(signal, what),
            of="ratio" if isinstance(what, sh.Strays) else of,
            origin=origin,
            tests=_tests(written, place.names),
        )
        if alert:
            yield alert


def _with_first(signal: Signal, steps: Sequence[Rung], written: spec.Alert, place: Place) -> Signal:
    """Of `increase > 0`, the same with the first event of a series, where one event is enough to fire."""
    what = signal.measure
    if not isinstance(what, sh.Rate) or what.operation != "increase" or what.window > _FIRST:
        return signal
    if sh.Above(Decimal(0)) not in [condition for _, condition, _ in steps]:
        return signal
    names = [place.names.lookup(source.name or "") for source in what.sources]
    ours = all(metric and metric.scope == "service" for metric in names)
    if not ours or min(_hold(written, severity, place) for severity, _, _ in steps) >= what.window:
        return signal
    up = place.scope.apply(promql.Selector("up"), place.names)
    return replace(signal, measure=replace(what, born=up))


def _free(name: str, written: spec.Alert, origin: Origin, place: Place) -> Iterator[Alert]:
    expr = place.names.expression(written.expr or "", origin.at("expr"), "alert", written.unit)
    if expr is None:
        return
    if written.category is None:
        place.names.add(origin, f"{name} needs a category: one of {', '.join(CATEGORIES)}", "no-category")
        return
    severity = written.severity or "warning"
    what = promql.to_text(place.scope.rewrite(expr, place.names))
    alert = rule(
        place,
        name=name,
        expression=what,
        shape=sh.Shape(sh.Expression(what), (), sh.Free()),
        severity=severity,
        category=written.category,
        hold=_hold(written, severity, place),
        keep=written.keep_for or timedelta(0),
        summary=written.summary or "",
        description=written.description or f"Now {unit.humanize(written.unit)}.",
        of=written.unit,
        origin=origin,
        tests=_tests(written, place.names),
    )
    if alert:
        yield alert


def _down(name: str, written: spec.Alert, origin: Origin, place: Place) -> Iterator[Alert]:
    up = place.scope.apply(promql.Selector("up"), place.names)
    measure = sh.Gauge(up, "max")
    what: sh.Condition = sh.Absent(up=True) if written.down == "all" else sh.ReplicaDown()
    severity = written.severity or ("critical" if written.down == "all" else "warning")
    alert = rule(
        place,
        name=name,
        expression=ex.condition(promql.to_text(up), what),
        shape=sh.Shape(measure, (), what),
        severity=severity,
        category=written.category or "availability",
        hold=_hold(written, severity, place),
        keep=written.keep_for or timedelta(0),
        summary=written.summary or f"{place.scope.service} {text.condition(what, None)}",
        description=written.description
        or "Prometheus reaches no target that is up: every target fails its scrape, or none is left in discovery."
        if written.down == "all"
        else written.description or "One target fails its scrapes while others of the service answer.",
        of=None,
        origin=origin,
    )
    if alert:
        yield alert


def category_of(signal: Signal) -> str:
    """The category that a signal's role or kind stands for; empty where neither says."""
    role = signal.role.partition(".")[0]
    by_role = _CATEGORY_OF_ROLE.get(role)
    if by_role is None and isinstance(signal.measure, sh.Ratio) and signal.measure.sense == "bad":
        return "errors"
    return by_role or _CATEGORY_OF_MEASURE.get(type(signal.measure), "")


def _hold(written: spec.Alert, severity: Severity, place: Place) -> timedelta:
    patch = written.envs.get(place.environment.name)
    changed = (patch.hold or {}) if patch else {}
    ladder = changed if "" in changed else {**(written.hold or {}), **changed}
    return ladder.get(severity, ladder.get("", HOLD[severity]))


def _keep(written: spec.Alert, severity: Severity, signal: Signal, what: sh.Condition) -> timedelta:
    if written.keep_for is not None:
        return written.keep_for
    flaps = isinstance(signal.measure, sh.Rate | sh.Ratio | sh.Quantile | sh.Mean) and isinstance(
        what, sh.Above | sh.Below
    )
    return KEEP if flaps and severity != "info" else timedelta(0)


def _tests(written: spec.Alert, names: Names) -> tuple[Test, ...]:
    if written.test is None:
        return ()
    fires, silent = (tuple(map(names.series, series)) for series in (written.test.fires, written.test.silent))
    return (Test(fires, silent),)


def _description(signal: Signal, what: sh.Condition) -> str:
    now = (
        ""
        if isinstance(what, sh.Absent)
        else f" Now {unit.humanize(None if isinstance(what, sh.Deviates | sh.Grows) else signal.unit)}."
    )
    if isinstance(what, sh.Strays):
        now = f" Now {unit.humanize('ratio')} off."
    return f"{text.go_literal(signal.help)}{now}"
