"""The page of one alert name of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.lower import runbooks
from llmmon.lower.conditions import category, condition
from llmmon.lower.steps import response
from llmmon.lower.text import readable
from llmmon.markdown import block, code, comment, link, table, text
from llmmon.plan.fleet import SEVERITIES
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.lower.placeholders import Rules
    from llmmon.plan import Alert, Fleet, Service

_TOLD_APART = ("slo", "window")  # rules of one name and severity that differ in nothing else


def by_name(service: Service) -> dict[str, Rules]:
    """Every alert name in the order of its first rule, with its rules, worst first."""
    named: dict[str, list[tuple[str, Alert]]] = {}
    for rules in service.rules:
        for alert in rules.alerts:
            named.setdefault(alert.name, []).append((rules.environment, alert))
    order = {environment.environment: number for number, environment in enumerate(service.rules)}
    return {
        name: tuple(sorted(found, key=lambda rule: (SEVERITIES.index(rule[1].severity), order[rule[0]])))
        for name, found in named.items()
    }


def page(fleet: Fleet, service: Service, name: str, named: Mapping[str, Rules]) -> str:
    """Its Markdown."""
    rules = named[name]
    alerts = [alert for _, alert in rules]
    return render(
        "runbooks/alert.md.j2",
        notice=comment(_notice(service, name)),
        title=text(name),
        summary=text(readable(alerts[0].annotations.get("summary", ""))),
        facts=_facts(service, alerts),
        severities=_severities(fleet, rules),
        parts=list(runbooks.written(fleet, service, name, named).items()),
        expressions=_expressions(rules),
        labels=_labels(rules),
        related=[_related(other, named[other]) for other in _alike(name, named)],
    )


def _notice(service: Service, name: str) -> str:
    prose = f", {service.prose[name].owner}" if name in service.prose else ""
    return f"generated from {service.spec}{prose} by llmmon; edits are lost"


def _facts(service: Service, alerts: Sequence[Alert]) -> str:
    facts = [("Service", service.name), ("Team", service.team), ("Category", category(alerts[0]))]
    urls = dict.fromkeys(alert.annotations.get("dashboard_url", "") for alert in alerts)
    lines = [f"- {name}: {text(value)}" for name, value in facts if value]
    return "\n".join([*lines, *(f"- Dashboard: {link(url, url)}" for url in urls if url)])


def _severities(fleet: Fleet, rules: Rules) -> str:
    rows = (
        (
            alert.severity,
            text(environment),
            " ".join((*_told_apart(alert), condition(alert))),
            duration.text(alert.hold) if alert.hold else "no time",
            "; ".join(response(fleet, alert.severity)),
        )
        for environment, alert in rules
    )
    return table(("Severity", "Environment", "Fires when", "Held for", "Response"), rows)


def _told_apart(alert: Alert) -> Iterator[str]:
    named = [f"{name} {code(alert.labels[name])}" for name in _TOLD_APART if alert.labels.get(name)]
    if named:
        yield f"({', '.join(named)})"


def _expressions(rules: Rules) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for environment, alert in rules:
        of = " ".join((f"{alert.severity} in {text(environment)}", *_told_apart(alert)))
        found.setdefault(promql.pretty(alert.expr), []).append(of)
    return [(f"{'; '.join(of)}:", block(expression, "promql")) for expression, of in found.items()]


def _labels(rules: Rules) -> str:
    values: dict[str, dict[str, None]] = {}
    for _, alert in rules:
        for name, value in alert.labels.items():
            values.setdefault(name, {})[value] = None
    rows = [(code(name), ", ".join(map(code, values[name]))) for name in sorted(values)]
    carried = sorted(frozenset().union(*(alert.carries for _, alert in rules)) - set(values))
    return table(("Label", "Value"), [*rows, *((code(name), "of the series that fires") for name in carried)])


def _alike(name: str, named: Mapping[str, Rules]) -> list[str]:
    kind = category(named[name][0][1])
    return sorted(other for other in named if other != name and category(named[other][0][1]) == kind)


def _related(name: str, rules: Rules) -> str:
    summary = text(readable(rules[0][1].annotations.get("summary", "")))
    return link(name, f"{name}.md") + (f": {summary}" if summary else "")
