"""A panel with thresholds of its own, of what an alert of the run has another threshold for.

The panel is still green when the alert fires, or red when nobody is told. Only panels that show just what an alert
compares with a number are looked at. Said where it is asked for: colours may be of something else than alarm.

Bad:

    groups: [{name: g, rules: [{alert: A, expr: sum(app_queue_length) > 100}]}]
    dashboards: [{panels: [{type: stat, title: A, targets: [{expr: sum(app_queue_length)}],
     fieldConfig: {defaults: {thresholds: {mode: absolute, steps: [{value: null}, {value: 50}]}}}}]}]

Good:

    groups: [{name: g, rules: [{alert: A, expr: sum(app_queue_length) > 100}]}]
    dashboards: [{panels: [{type: stat, title: A, targets: [{expr: sum(app_queue_length)}],
     fieldConfig: {defaults: {thresholds: {mode: absolute, steps: [{value: null}, {value: 100}]}}}}]}]

    groups: [{name: g, rules: [{alert: A, expr: sum(app_queue_length) > 100}]}]
    dashboards: [{panels: [{type: stat, title: A, targets: [{expr: sum(app_queue_length)}]}]}]
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from llmmon.documents.dashboards import Panel, at, maps
from llmmon.problem import Level
from llmmon.promql import Selector, replace_selectors, to_text
from llmmon.promql.fold import bare
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Query
    from llmmon.rule import AlertingRule, Facts

_STEPS = ("fieldConfig", "defaults", "thresholds", "steps")
_ORDERED = ("<", "<=", ">", ">=")
_BY_THEMSELVES = (0.0, 80.0)  # what Grafana writes into every new panel


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    limits: dict[str, list[tuple[float, AlertingRule]]] = defaultdict(list)
    for rules in corpus.rules:
        for rule in rules.alerts:
            found = rule.expression.compared if rule.expression and corpus.dashboards else None
            if found and found[1] in _ORDERED:
                limits[to_text(bare(found[0]))].append((found[2], rule))
    for dashboard in corpus.dashboards if limits else ():
        for panel in dashboard.panels:
            steps = _steps(panel)
            shown = [query for query in panel.queries if not query.hidden]
            if steps and len(shown) == 1 and len(panel.targets) == 1:
                alerts = limits.get(_text(shown[0]), [])
                if alerts and not any(limit in steps for limit, _ in alerts):
                    limit, rule = alerts[0]
                    message = f"{rule.name} fires at {limit:g}, and here are {_listed(steps)}: write the same threshold"
                    yield Finding("D033", message, keys=_STEPS, origin=panel.origin, related=(rule.origin,))


def _steps(panel: Panel) -> list[float]:
    thresholds: Any = at(panel.value, *_STEPS[:-1])
    if at(panel.value, *_STEPS[:-1], "mode") == "percentage":
        return []
    found = [step.get("value") for _, step in maps(at(thresholds, "steps"))]
    steps = [float(value) for value in found if isinstance(value, int | float) and not isinstance(value, bool)]
    return [] if all(step in _BY_THEMSELVES for step in steps) else steps


def _text(query: Query) -> str:
    """The query without the matchers that variables are in."""
    if not query.readings.parsed:
        return ""
    reading = query.readings.parsed[0]

    def without(selector: Selector) -> Selector:
        kept = tuple(
            matcher
            for matcher in selector.matchers
            if not any(mark in query.text[slice(*reading.written.home(matcher.span))] for mark in ("$", "[["))
        )
        return Selector(selector.name, kept, selector.offset, selector.at, selector.span)

    return to_text(bare(replace_selectors(reading.expr, without)))


def _listed(steps: list[float]) -> str:
    return ", ".join(f"{step:g}" for step in steps)


RULE = Rule(Corpus, check, {"D033": Level.NOTE}, default=False)
