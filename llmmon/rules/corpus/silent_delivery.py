"""Alerts that reach only a receiver that tells nobody.

The rules are right and the routes are right, and the receiver at their end has no integration: the alert fires, and
nothing is sent. That is meant where the receiver is called so.

Bad:

    alertmanager:
      route: {receiver: ops, routes: [{matchers: [severity="critical"], receiver: pager}]}
      receivers: [{name: ops}, {name: pager, webhook_configs: [{url: "http://h.example"}]}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

Good:

    alertmanager:
      route: {receiver: ops, routes: [{matchers: [severity="warning"], receiver: blackhole}]}
      receivers: [{name: ops, webhook_configs: [{url: "http://h.example"}]}, {name: blackhole}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

    alertmanager:
      route: {receiver: ops, routes: [{matchers: [team="ml"], receiver: ml}]}
      receivers: [{name: ops}, {name: ml, webhook_configs: [{url: "http://h.example"}]}]
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
    from llmmon.problem import Origin
    from llmmon.rule import Facts


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    for configuration in corpus.configurations:
        if not configuration.is_strange:
            yield from _lost(configuration, corpus, facts)


def _lost(configuration: Configuration, corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    from llmmon import delivery  # few runs have a configuration

    if not configuration.integrations and len(configuration.receivers) > 1:
        return  # a sample, into which everybody writes his own
    silent = delivery.silent(configuration)
    if not silent:
        return
    lost: dict[str, list[tuple[str, Origin]]] = {}
    for alert, _, routes in delivery.each(configuration, corpus.rules, facts):
        reached = delivery.receivers(routes)
        if reached.keys() <= silent:
            lost.setdefault(next(iter(reached)), []).append((alert.name, alert.origin))
    for name, alerts in lost.items():
        more = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
        come = "come" if more else "comes"
        message = f"{name!r} tells nobody, and {alerts[0][0]}{more} {come} only here: give it an integration"
        yield Finding("N011", message, origin=configuration.receivers[name], related=(alerts[0][1],))


RULE = Rule(Corpus, check, {"N011": Level.WARNING}, peers=("amlint empty-receiver",), advice=frozenset(("N011",)))
