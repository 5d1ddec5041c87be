"""An alert that no route but the root takes, or a critical one that wakes nobody although others are woken.

Who likes a default receiver for most alerts does not want to hear this; who has a route for every team does. Asked
only where it is selected.

Bad:

    alertmanager:
      route: {receiver: ops, routes: [{matchers: [severity="critical"], receiver: pager}]}
      receivers: [{name: ops}, {name: pager}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

Good:

    alertmanager:
      route: {receiver: ops, routes: [{matchers: [severity=~"critical|warning"], receiver: pager}]}
      receivers: [{name: ops}, {name: pager}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

    alertmanager:
      route: {receiver: ops, routes: [{matchers: [team="ml"], receiver: pager}]}
      receivers: [{name: ops}, {name: pager}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.routes import Configuration
    from llmmon.rule import Facts

_PAGERS = frozenset(("incidentio", "opsgenie", "pagerduty", "pushover", "victorops"))
_WORST = frozenset(("critical", "emergency", "page", "pager"))


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    for configuration in corpus.configurations:
        if len(configuration.routes) > 1:
            yield from _each(configuration, corpus, facts)


def _each(configuration: Configuration, corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    from llmmon import delivery  # few runs have a configuration

    ways = delivery.integrations(configuration)
    pages = any(kinds & _PAGERS for kinds in ways.values())
    for alert, labels, routes in delivery.each(configuration, corpus.rules, facts):
        if routes == [configuration.routes[0]]:
            message = f"no route takes {alert.name}, so {routes[0].value.get('receiver')} gets it: write a route for it"
            yield Finding("N009", message, keys=("alert",), origin=alert.origin, related=(routes[0].origin,))
        reached = delivery.receivers(routes)
        worst = (labels.get("severity") or frozenset()) <= _WORST and labels.get("severity")
        if pages and worst and not any(ways.get(name, set()) & _PAGERS for name in reached):
            message = f"{alert.name} is critical, and {', '.join(sorted(reached))} wakes nobody: route it to a pager"
            yield Finding("N010", message, keys=("alert",), origin=alert.origin, related=(routes[0].origin,))


RULE = Rule(
    Corpus,
    check,
    {"N009": Level.NOTE, "N010": Level.NOTE},
    peers=("amlint alert-hits-default-receiver",),
    default=False,
)
