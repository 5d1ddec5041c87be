"""A severity that no route knows, and that is nearly one which some route does.

A route matches a label letter for letter. An alert with `severity: warn` takes no route for `warning`: it goes to
whoever gets what nobody thought of. Where the alert has a usual word and the route has none, the route is misspelled.

Bad (routes: severity=~"critical|warning"):

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: Warning}

Good (routes: severity=~"critical|warning"):

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

    groups:
      - name: api
        rules:
          - alert: DeploymentStarted
            expr: changes(deployments_total[5m]) > 0
            labels: {severity: info}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Corpus, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.alertmanager.matchers import Matcher
    from llmmon.rule import Facts

_LITERAL = lazily.pattern(r"[\w-]+(?:\|[\w-]+)*\Z")
_NEAR = 0.7
_LABEL = "severity"
_USUAL = frozenset(
    (
        *("alert", "critical", "debug", "disaster", "emergency", "error", "fatal", "high", "info", "information"),
        *("low", "major", "medium", "minor", "moderate", "none", "notice", "ok", "page", "ticket", "warn", "warning"),
    )
)


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    known = _vocabulary(corpus)
    if not known:
        return
    lower = {name.lower(): name for name in known}
    for rules in corpus.rules:
        for rule in rules.alerts:
            if (value := rule.labels.get(_LABEL)) and value not in known and "{{" not in value:
                yield from _near(rule, value, lower)


def _near(rule: AlertingRule, value: str, lower: dict[str, str]) -> Iterator[Finding]:
    near = get_close_matches(value.lower(), lower, 1, _NEAR)
    if near and (value.lower() not in _USUAL or near[0] in _USUAL):
        keys = ("labels", _LABEL)
        message = f"no route knows severity {value!r}: did you mean {lower[near[0]]!r}?"
        edits = (Edit(lower[near[0]], (0, len(value)), keys),)
        yield Finding("A009", message, origin=rule.origin, keys=keys, edits=edits)


def _vocabulary(corpus: Corpus) -> set[str]:
    """The severities that routes and inhibitions name; none where one of them takes more than a list of names."""
    out: set[str] = set()
    for configuration in corpus.configurations:
        matchers: list[Matcher] = [matcher for route in configuration.routes for matcher in route.matchers]
        matchers += [m for rule in configuration.inhibitions for m in (*rule.source, *rule.target)]
        for matcher in matchers:
            if matcher.label == _LABEL and matcher.value:
                if not _LITERAL.match(matcher.value):
                    return set()
                out.update(matcher.value.split("|"))
    return out


RULE = Rule(Corpus, check, {"A009": Level.WARNING}, peers=("mixtool alert-severity-rule",), advice=frozenset(("A009",)))
