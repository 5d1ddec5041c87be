"""What compiles and would still hurt: the lint rules, over what a service's spec says in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lint, plugins
from llmmon.classes import replace
from llmmon.declared import series_of
from llmmon.plan import shapes as sh
from llmmon.problem import Origin, Problem
from llmmon.rule import UNKNOWN, AlertingRule, Expression, Facts, MetricDeclaration, Rules, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmmon.load import LoadedService
    from llmmon.lower.names import Names
    from llmmon.lower.place import Place
    from llmmon.plan import Alert


def doubts(loaded: LoadedService, names: Names, places: Sequence[Place]) -> Iterator[Problem]:
    """Each doubt once, however many environments have it."""
    known = Facts(
        schema=_series(names, places),
        declared=frozenset(names.metrics),
        recorded=frozenset(names.recorded),
        watched=any(_is_watched(place) for place in places),
    )
    found = dict.fromkeys(_all(loaded, names, places, known))
    yield from {(str(problem.origin), problem.message): problem for problem in found}.values()


def _all(loaded: LoadedService, names: Names, places: Sequence[Place], facts: Facts) -> Iterator[Problem]:
    for name, metric in loaded.spec.metrics.items():
        labels = {label: len(values) if values else None for label, values in metric.labels.items()}
        declared = MetricDeclaration(name, metric.type, metric.misnamed, metric.help, labels)
        yield from lint.node(declared, facts, loaded.origin("metrics", name), lint.table("metrics"))
    for written, origin in names.written:
        families = ("promql", "panels") if written.purpose == "panel" else ("promql",)
        yield from lint.expression(written, facts, origin, lint.table(*families))
    for place in places[:1]:
        for recorded in place.recorder.rules.values():
            if recorded.signal:  # what is recorded of a signal is ours, but whom it counts is the spec's
                said = Expression("", recorded.expr, "record")
                found = lint.node(said, facts, recorded.origin, _grouping())
                yield from (replace(problem, origin=recorded.origin) for problem in found)
        alerts = tuple(_alert(alert, place) for alert in place.alerts)
        for alert in alerts:
            yield from map(_home, lint.node(alert, facts, alert.origin, lint.table("alerts")))
        own = tuple(alert for alert in alerts if (alert.origin.via or alert.origin).keys[-2] == "alerts")
        yield from lint.node(Rules(own, ()), facts, loaded.origin(), lint.table("alerts"))


def _grouping() -> lint.Table:
    return lint.Table({Expression: [("unbounded-grouping", plugins.rules("promql")["unbounded-grouping"])]})


def _alert(alert: Alert, place: Place) -> AlertingRule:
    expression = Expression("", alert.expr, "alert", alert.unit)
    labels = {**alert.labels, "severity": alert.severity}
    written = place.service.spec.alerts.get(alert.name)
    texts = {key: text for key in ("summary", "description") if (text := getattr(written, key, None))}
    return AlertingRule(alert.name, expression, alert.hold, labels, {**alert.annotations, **texts}, alert.origin)


def _home(problem: Problem) -> Problem:
    """A rule's labels and annotations are keys of the alert itself in a spec."""
    keys = tuple(key for key in problem.origin.keys if key not in ("annotations", "labels"))
    span = problem.origin.span
    at = Origin(problem.origin.document, keys, span, problem.origin.via)
    return replace(problem, origin=at)


def _series(names: Names, places: Sequence[Place]) -> Callable[[str], Series]:
    quotients = {
        rule.name
        for place in places
        for rule in place.recorder.rules.values()
        if rule.signal and isinstance(rule.signal.measure, sh.Ratio | sh.Usage)
    }

    def series(name: str) -> Series:
        if name in names.recorded:
            return Series(None, names.recorded[name], None, name in quotients)
        metric = names.lookup(name)
        if metric is None:
            return UNKNOWN
        return series_of(metric, name, names.labels(name))

    return series


def _is_watched(place: Place) -> bool:
    conditions = (alert.shape.condition for alert in place.alerts if alert.shape)
    return any(isinstance(what, sh.Absent) and what.up for what in conditions)
