"""A notification that shows an annotation which no alert has, and which is nearly one that they have.

What an alert does not carry is empty in the message, and nobody is told why. Said where the name is close to one that
alerts of the run have, since other alerts may come from elsewhere.

Bad:

    alertmanager:
      receivers: [{name: a, slack_configs: [{text: "{{ .CommonAnnotations.sumary }}"}]}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            annotations: {summary: Errors}

Good:

    alertmanager:
      receivers: [{name: a, slack_configs: [{text: "{{ .CommonAnnotations.summary }}"}]}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            annotations: {summary: Errors}

    alertmanager:
      receivers: [{name: a, slack_configs: [{text: "{{ .CommonAnnotations.value }}"}]}]
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            annotations: {summary: Errors}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.routes import Configuration
    from llmmon.rule import Facts

_NEAR = 0.8
_MAPS = ("Annotations", "CommonAnnotations")


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    alerts = [alert for rules in corpus.rules for alert in rules.alerts] if corpus.configurations else []
    if any("annotations" in alert.unread for alert in alerts):
        return
    if known := {name for alert in alerts for name in alert.annotations}:
        for configuration in corpus.configurations:
            yield from _each(configuration, known, facts)


def _each(configuration: Configuration, known: set[str], facts: Facts) -> Iterator[Finding]:
    from llmmon.documents.notifications import inline, parsed  # few runs have a configuration
    from llmmon.documents.notified import METHODS, reads
    from llmmon.gotemplate import TemplateError

    for origin, text in inline(configuration):
        found = parsed(text, facts.alertmanager)
        for read in () if isinstance(found, TemplateError) else reads(found, facts.alertmanager):
            if not read.way or read.way[-1] not in _MAPS or read.field in known | METHODS:
                continue
            if near := get_close_matches(read.field, known, 1, _NEAR):
                message = f"no alert of the run has the annotation {read.field}: did you mean {near[0]}?"
                yield Finding("C050", message, read.span, origin=origin)


RULE = Rule(Corpus, check, {"C050": Level.WARNING}, needs=frozenset(("whole",)), advice=frozenset(("C050",)))
