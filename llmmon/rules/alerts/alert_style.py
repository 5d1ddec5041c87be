"""An alert that is not written as mixins agree on.

A name in CamelCase of at most forty characters fits in a title. The summary is one sentence, the same for every alert
of that name, so that notifications can be grouped by it; what differs stands in the description.

Bad:

    alert: high_error_rate
    expr: job:errors:ratio > 0.05
    labels: {severity: warning}
    annotations: {summary: Too many errors., description: "{{ $labels.job }} fails."}

    expr: job:errors:ratio > 0.05
    labels: {severity: warning}
    annotations: {summary: "{{ $labels.job }} fails.", description: "{{ $labels.job }} fails."}

Good:

    alert: HighErrorRate
    expr: job:errors:ratio > 0.05
    labels: {severity: warning}
    annotations: {summary: Too many errors., description: "{{ $labels.job }} fails."}

    alert: Watchdog
    expr: vector(1)
    labels: {severity: none}
    annotations: {summary: Alerting works., description: "It is {{ $value }}."}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_CAMEL = lazily.pattern(r"[A-Z][a-zA-Z0-9]*\Z")
_LONGEST = 40
_SENTENCE = lazily.pattern(r"[A-Z0-9].*\.\Z", re.DOTALL)
_SEVERITIES = ("critical", "warning", "info", "none")


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    if not _CAMEL.match(rule.name):
        yield Finding("A023", f"{rule.name!r} is not in CamelCase: write it like HighErrorRate", keys=("alert",))
    if len(rule.name) > _LONGEST:
        yield Finding(
            "A024", f"the name has {len(rule.name)} characters: write one of at most {_LONGEST}", keys=("alert",)
        )
    severity = rule.labels.get("severity", "critical")
    if severity not in _SEVERITIES:
        keys = ("labels", "severity")
        yield Finding(
            "A025", f"the severity {severity!r} is none that mixins have: write critical, warning or info", keys=keys
        )
    yield from _texts(rule)


def _texts(rule: AlertingRule) -> Iterator[Finding]:
    summary, description = rule.annotations.get("summary"), rule.annotations.get("description")
    if "annotations" in rule.unread:
        return
    if summary is None:
        yield Finding("A026", f"{rule.name} has no summary: write one sentence that is true of all of them")
    elif "{{" in summary:
        message = "the summary differs from alert to alert: write what differs into the description"
        yield Finding("A027", message, keys=("annotations", "summary"))
    elif not _SENTENCE.match(summary.strip()):
        message = "the summary is no sentence: begin it with a capital letter, and end it with a full stop"
        yield Finding("A028", message, keys=("annotations", "summary"))
    if description is not None and "{{" not in description:
        message = (
            "the description is the same for every alert: say which one it is, with {{ $labels... }} or {{ $value }}"
        )
        yield Finding("A029", message, keys=("annotations", "description"))


RULE = Rule(
    AlertingRule,
    check,
    dict.fromkeys(("A023", "A024", "A025", "A026", "A027", "A028", "A029"), Level.NOTE),
    peers=("mixtool alert-name-camelcase", "mixtool alert-name-length", "mixtool alert-severity-rule"),
    default=False,
)
