"""Alerts: a signal and a verb become an expression, labels, texts and a shape that tests work from."""

from __future__ import annotations

import dataclasses
import difflib
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import promql, unit
from llmmon.lower import expressions as ex
from llmmon.lower import text
from llmmon.lower.recorder import looks_back
from llmmon.lower.signals import by_labels, selectors
from llmmon.plan import Alert, Test
from llmmon.plan import shapes as sh
from llmmon.plan.fleet import CATEGORIES, RESERVED, SEVERITIES, Severity
from llmmon.promql.labels import result_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel, Signal
    from llmmon.problem import Origin
    from llmmon.spec import alerts as spec

HOLD: Mapping[Severity, timedelta] = {
    "critical": timedelta(minutes=5),
    "warning": timedelta(minutes=10),
    "info": timedelta(minutes=15),
}
WATCHDOG = "Watchdog"
KEEP = timedelta(minutes=5)  # a rate near its threshold flaps; people want one notification
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


def finish(
    place: Place,
    *,
    name: str,
    expression: str,
    shape: sh.Shape,
    severity: Severity,
    category: str,
    hold: timedelta,
    keep: timedelta,
    summary: str,
    description: str,
    of: str | None,
    origin: Origin,
    tests: tuple[Test, ...] = (),
    variant: str = "",
    **more: str,
) -> Alert | None:
    """An alert with everything that each alert has: static labels, texts, links. None where it was demoted away."""
    demoted = place.environment.demote.get(severity, severity)
    if demoted == "off":  # type: ignore[comparison-overlap] # the fleet may say off
        return None
    expr = place.names.parse(expression, origin)
    if expr is None:
        return None
    carried = result_labels(expr, place.names.labels_of)
    static = {
        "severity": place.fleet.severities.get(demoted, demoted),
        "category": category,
        "service": place.scope.service,
        "team": place.team,
        "environment": place.environment.name,
        **({"namespace": place.workload.namespace} if place.workload else {}),
        **more,
    }
    for label in sorted(carried.names & set(RESERVED) - carried.fixed - _pinned(expr, static)):
        message = f"the result keeps the label {label!r}, which is reserved: aggregate it away, or rename it with by:"
        place.names.add(origin, message, "reserved-label")
    return Alert(
        id=f"{name}@{variant or demoted}",
        name=name,
        expr=expr,
        shape=shape,
        hold=hold,
        keep=keep,
        severity=demoted,
        labels=static,
        carries=carried.names - static.keys(),
        annotations={
            "summary": summary,
            "description": description,
            "runbook_url": place.fleet.runbooks.replace("{service}", place.scope.service).replace("{alert}", name),
            "dashboard_url": place.fleet.dashboards.replace("{uid}", text.uid(place.scope.service, "service"))
            + f"?var-environment={place.environment.name}",
        },
        unit=of,
        tests=tests,
        origin=origin,
    )


def _pinned(expr: promql.Expr, static: Mapping[str, str]) -> set[str]:
    """Labels that every selector pins to the alert's own value, so that overwriting them changes nothing."""
    selectors = [node for node in promql.walk(expr) if isinstance(node, promql.Selector)]
    pinned = [{m.label for m in node.matchers if m.op == "=" and static.get(m.label) == m.value} for node in selectors]
    return set.intersection(*pinned) if pinned else set()


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
    by = signal.by
    if written.by is not None:
        by = by_labels(written.by, place.names, origin.at("by"))
        if not place.names.grouping(by, selectors(signal.measure), origin.at("by")):
            return
        if isinstance(signal.measure, sh.Expression) and by != signal.by:
            message = f"{signal.role} is an expression of its own, which by: cannot regroup: leave it out"
            place.names.add(origin.at("by"), message, "fixed-grouping")
            return
    category = written.category or _category(signal)
    if category not in CATEGORIES:
        message = f"{name} needs a category: one of {', '.join(CATEGORIES)}"
        place.names.add(origin, message, "no-category")
        return
    rungs = list(_rungs(written, dataclasses.replace(signal, by=by), origin, place))
    demote = place.environment.demote
    lowest = {demote.get(severity, severity): severity for severity, _, _ in sorted(rungs, key=_rank)}
    for severity, what, exceptions in rungs:
        if severity != lowest[demote.get(severity, severity)]:
            continue  # the lower rung says it already
        guard = lower_guard(written, by, origin, place)
        expression = _expression(signal, by, what, exceptions, guard, place)
        shape = sh.Shape(signal.measure, by, what, guard, exceptions)
        of = None if isinstance(what, sh.Strays) else signal.unit
        names = [label.name for label in by]
        subject = f"{text.words(signal.role)} of {place.scope.service}"
        base = subject[:1].upper() + subject[1:]
        alert = finish(
            place,
            name=name,
            expression=expression,
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
            tests=_tests(written),
        )
        if alert:
            yield alert


def _free(name: str, written: spec.Alert, origin: Origin, place: Place) -> Iterator[Alert]:
    expr = place.names.expression(written.expr or "", origin.at("expr"))
    if expr is None:
        return
    if written.category is None:
        place.names.add(origin, f"{name} needs a category: one of {', '.join(CATEGORIES)}", "no-category")
        return
    severity = written.severity or "warning"
    what = promql.to_text(place.scope.rewrite(expr, place.names))
    alert = finish(
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
        tests=_tests(written),
    )
    if alert:
        yield alert


def _down(name: str, written: spec.Alert, origin: Origin, place: Place) -> Iterator[Alert]:
    up = place.scope.apply(promql.Selector("up"), place.names)
    measure = sh.Gauge(up, "max")
    what: sh.Condition = sh.Absent(up=True) if written.down == "all" else sh.ReplicaDown()
    severity = written.severity or ("critical" if written.down == "all" else "warning")
    alert = finish(
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


Rung = tuple[Severity, sh.Condition, tuple[sh.Where, ...]]


def _rank(rung: Rung) -> int:
    return SEVERITIES.index(rung[0])


def _rungs(written: spec.Alert, signal: Signal, origin: Origin, place: Place) -> Iterator[Rung]:
    patch = written.envs.get(place.environment.name)
    for verb, kind in (("above", sh.Above), ("below", sh.Below)):
        ladder = _ladder(written, verb)
        other = _steps(getattr(patch, verb, None), ladder, verb, origin.at("in", place.environment.name, verb), place)
        for severity, quantity in (ladder | other).items():
            if _fits(quantity, signal, origin.at(verb), place):
                yield severity, kind(quantity.value), tuple(_exceptions(written, severity, kind, signal, origin, place))
    if written.above or written.below:
        return
    what = _condition(written, signal, origin, place)
    if what is not None:
        yield written.severity or "warning", what, ()


def _ladder(written: spec.Alert, verb: str) -> dict[Severity, unit.Quantity]:
    """The alert's thresholds by severity; empty where it has another condition."""
    alone = written.severity or "warning"
    return {step or alone: quantity for step, quantity in (getattr(written, verb) or {}).items()}


def _steps(
    given: Mapping[str, unit.Quantity] | None,
    ladder: Mapping[Severity, unit.Quantity],
    verb: str,
    origin: Origin,
    place: Place,
) -> dict[Severity, unit.Quantity]:
    """Other thresholds for the same ladder; one for a severity that the ladder does not have would be lost."""
    out: dict[Severity, unit.Quantity] = {}
    for step, quantity in (given or {}).items():
        severity = next((s for s in ladder if s == step or (not step and len(ladder) == 1)), None)
        if severity is not None:
            out[severity] = quantity
            continue
        wanted = " or ".join(f"{verb}: {{{s}: {quantity.text}}}" for s in ladder)
        hint = f"write {wanted}" if wanted else f"write {verb}: in the alert itself, which has none"
        said = f"{{{step}: {quantity.text}}}" if step else quantity.text
        message = f"{verb}: {said} changes nothing: {hint}"
        place.names.add(origin, message, "no-such-step")
    return out


def _condition(written: spec.Alert, signal: Signal, origin: Origin, place: Place) -> sh.Condition | None:
    if change := written.rises or written.drops:
        sign = 1 if written.rises else -1
        factor = change.times.value if change.times else 1 + sign * (change.by.value if change.by else Decimal(0))
        if written.rises and factor <= 1:
            message = "that is no rise: write by: more than 0%, or times: more than 1, such as 3"
            place.names.add(origin.at("rises"), message, "no-change")
            return None
        if written.drops and not 0 < factor < 1:
            message = "that is no drop: write by: between 0% and 100%, or times: less than 1, such as 0.5 for half"
            place.names.add(origin.at("drops"), message, "no-change")
            return None
        kind = sh.Rises if written.rises else sh.Drops
        return kind(factor, change.versus, change.mean)
    if found := written.deviates:
        if found.sigma:
            return sh.Deviates(found.sigma.value, found.over, found.floor.value)
        return sh.Strays(found.by.value if found.by else Decimal(0), found.over)
    if growth := written.grows:
        good = _fits(growth.more_than, signal, origin.at("grows", "more_than"), place)
        return sh.Grows(growth.more_than.value, growth.within) if good else None
    if fill := written.fills_in:
        good = _fits(fill.limit, signal, origin.at("fills_in", "limit"), place)
        return sh.FillsIn(fill.limit.value, fill.within, fill.trend) if good else None
    if written.stale is not None:
        if isinstance(signal.measure, sh.Age):
            return sh.Stale(written.stale)
        place.names.add(
            origin.at("stale"), "only the age of something can be stale: use a signal with age:", "not-an-age"
        )
        return None
    return sh.Absent()


def _exceptions(
    written: spec.Alert,
    severity: Severity,
    kind: type[sh.Above | sh.Below],
    signal: Signal,
    origin: Origin,
    place: Place,
) -> Iterator[sh.Where]:
    verb = "above" if kind is sh.Above else "below"
    kept = {label.name for label in signal.by}
    for index, item in enumerate(written.where):
        place_of = origin.at("where", index)
        other = "below" if kind is sh.Above else "above"
        _steps(getattr(item, other), {}, other, place_of.at(other), place)
        quantity = _steps(getattr(item, verb), _ladder(written, verb), verb, place_of.at(verb), place).get(severity)
        for label in item.labels:
            if label not in kept:
                near = difflib.get_close_matches(label, kept, 1)
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else f"the signal keeps {', '.join(sorted(kept)) or 'no label'}"
                )
                place.names.add(place_of.at(label), f"where: the alert has no label {label!r}: {hint}", "unknown-label")
                return
        if quantity is not None and _fits(quantity, signal, place_of.at(verb), place):
            yield sh.Where(tuple(item.labels.items()), kind(quantity.value))


def _fits(quantity: unit.Quantity, signal: Signal, origin: Origin, place: Place) -> bool:
    if unit.fits(quantity, signal.unit):
        return True
    message = f"{quantity.text!r} cannot be compared with {signal.role}, which is in {signal.unit or 'no unit'}"
    place.names.add(origin, message, "wrong-unit")
    return False


def _expression(
    signal: Signal,
    by: tuple[ByLabel, ...],
    what: sh.Condition,
    exceptions: tuple[sh.Where, ...],
    guard: sh.Guard | None,
    place: Place,
) -> str:
    plain = isinstance(signal.measure, sh.Gauge | sh.Age) and not exceptions and looks_back(what) is None
    if isinstance(what, sh.Absent):
        value = _watched(signal.measure, by)
    elif plain:
        value = ex.measure(signal.measure, by)
    else:
        value = place.recorder.value(signal, by)
    whole = ex.condition(value, what)
    if exceptions:
        whole = _with_exceptions(place, value, what, exceptions)
    if guard:
        whole = f"({whole})" if exceptions else whole
        common = sorted({label.name for label in by} & {label.name for label in guard.by})
        whole = f"{whole} and on ({', '.join(common)}) {guard_text(guard, place)}"
    return whole


def _watched(what: sh.Measure, by: tuple[ByLabel, ...]) -> str:
    """What must not be missing: of a ratio the whole, because a part without events has no series yet."""
    if isinstance(what, sh.Ratio):
        return promql.to_text(what.total[0])
    found = selectors(what)
    return promql.to_text(found[0]) if found else ex.measure(what, by)


def _with_exceptions(place: Place, value: str, what: sh.Condition, exceptions: tuple[sh.Where, ...]) -> str:
    rest = promql.parse(value, version=place.names.version)
    assert isinstance(rest, promql.Selector)
    name, base = rest.name or "", {matcher.label: matcher.value for matcher in rest.matchers}
    single = [item.labels[0] for item in exceptions if len(item.labels) == 1]
    rest.matchers = rest.matchers + tuple(promql.Matcher(label, "!=", value) for label, value in single)
    general = promql.to_text(rest)
    for item in exceptions:
        if len(item.labels) > 1:
            general = f"({general} unless {promql.selector(name, {**base, **dict(item.labels)})})"
    parts = [ex.condition(general, what)]
    parts += [ex.condition(promql.selector(name, {**base, **dict(i.labels)}), i.condition) for i in exceptions]
    return " or ".join(parts)


def lower_guard(
    written: spec.Alert | spec.SLO, by: tuple[ByLabel, ...], origin: Origin, place: Place
) -> sh.Guard | None:
    """The signal that must be above a floor too."""
    if written.guard is None:
        return None
    found = place.signals.find(written.guard.signal, origin.at("guard", "signal"))
    if found is None or not _fits(written.guard.above, found, origin.at("guard", "above"), place):
        return None
    signal = place.here(found)
    kept = tuple(label for label in signal.by if label in by)
    return sh.Guard(signal.measure, kept, written.guard.above.value)


def guard_text(guard: sh.Guard, place: Place) -> str:
    """A guard as PromQL: `service:requests:rate5m{...} > 0.1`."""
    if isinstance(guard.measure, sh.Gauge | sh.Age):
        value = ex.measure(guard.measure, guard.by)
    else:
        signal = next(s for s in place.scoped_signals.values() if s.measure == guard.measure)
        value = place.recorder.value(signal, guard.by)
    return f"{value} > {unit.number(guard.above)}"


def _category(signal: Signal) -> str:
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


def _tests(written: spec.Alert) -> tuple[Test, ...]:
    return (Test(written.test.fires, written.test.silent),) if written.test else ()


def _description(signal: Signal, what: sh.Condition) -> str:
    now = (
        ""
        if isinstance(what, sh.Absent)
        else f" Now {unit.humanize(None if isinstance(what, sh.Deviates | sh.Grows) else signal.unit)}."
    )
    if isinstance(what, sh.Strays):
        now = f" Now {unit.humanize('ratio')} off."
    return f"{text.go_literal(signal.help)}{now}"


__all__ = ["HOLD", "SEVERITIES", "finish", "guard_text", "lower_alerts", "lower_guard"]
