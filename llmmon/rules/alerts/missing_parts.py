"""An alert that does not say how bad it is, or what it means.

Without a severity the alert goes wherever the root route leads; that is said where others of the file have a
severity, or it has no labels, unless no route reads one or the expression brings it; where most of the file have none,
once. Without any text nobody knows what it is about; that a description is missing is said where nearly all alerts of
the file have one. What wakes nobody needs no text.

Bad:

    expr: job:cpu:usage > 0.7
    for: 10m
    annotations: {summary: Consider horizontal scaling, action: Add more replicas}

Good:

    expr: job:cpu:usage > 0.7
    for: 10m
    labels: {severity: warning}
    annotations:
      summary: CPU is high
      description: It has been for ten minutes.

    expr: job:cpu:usage > 0.7
    for: 10m
    labels: {severity: warning}
    annotations: {summary: CPU is high, message: It has been for ten minutes.}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.classes import replace
from llmmon.heartbeat import is_alive
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, String
from llmmon.rule import Finding, Rule, Rules
from llmmon.rules.alerts.no_runbook import links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import AlertingRule, Expression, Facts

_RATING = lazily.pattern(r"severity|level|priority|paging|urgency|impact", re.IGNORECASE)
_RATES = frozenset(("critical", "emergency", "error", "info", "major", "minor", "page", "ticket", "warn", "warning"))
_FEW = 3  # alerts of a file, of each of which it is said
_NEARLY = 5  # times as many have one as have none
_SENTENCE = 8  # words, beside what a template fills in
_ACTION = lazily.pattern(r"\{\{.*?\}\}")
_QUIET = ("info", "none")  # wakes nobody
_TEXTS = ("summary", "description", "message", "title")


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    with_one = sum(_is_described(rule) for rule in rules.alerts)
    described = with_one >= _NEARLY * (len(rules.alerts) - with_one)  # that is how the file is written
    rated = any("severity" in rule.labels for rule in rules.alerts)
    of_groups = {id(rule) for group in rules.groups if "severity" in group.labels for rule in group.rules}
    unrated: list[AlertingRule] = []
    for rule in rules.alerts:
        missing = not _is_rated(rule) and id(rule) not in of_groups
        texts = list(_texts(rule, described))
        if (missing or texts) and not is_alive(rule):
            if missing and facts.routed is not False and (rated or not rule.labels):
                unrated.append(rule)
            yield from (replace(found, origin=rule.origin) for found in texts)
    exceptions = len(unrated) <= max(_FEW, len(rules.alerts) // 2)
    for rule in unrated if exceptions else unrated[:1]:
        yield _unrated(rule, 0 if exceptions else len(unrated) - 1)


def _unrated(rule: AlertingRule, more: int) -> Finding:
    """That an alert says in no label how bad it is, and so many more of a file in which most do not."""
    who, have, bad = (f"{rule.name} and {more} more", "have", "they are") if more else (rule.name, "has", "it is")
    message, advice = f"{who} {have} no severity", "write labels: {severity: warning}"
    if "severity" in rule.annotations:
        message, advice = f"the severity of {who} is an annotation", "write it below labels:"
    message = f"{message}, so no route can tell how bad {bad}: {advice}"
    return Finding("A019", message, keys=("labels",), origin=rule.origin)


def _is_rated(rule: AlertingRule) -> bool:
    """Whether a label says how bad it is, whatever its name; it may be one of the series."""
    return (
        "labels" in rule.unread
        or "severity" in rule.labels
        or any(_RATING.search(name) or value.lower() in _RATES for name, value in rule.labels.items())
        or (rule.expression is not None and ("severity" in rule.expression.shown or _brings_one(rule.expression)))
    )


def _brings_one(written: Expression) -> bool:
    """Whether the expression joins, keeps or makes a severity."""
    if "severity" not in written.text:
        return False
    joined = (label for node in written.of(Binary) if node.matching for label in node.matching.include)
    groupings = (node.grouping for node in written.of(Aggregate) if node.grouping and node.grouping.kind == "by")
    made = (node.args[1] for node in written.of(Call) if node.func == "label_replace")
    return (
        "severity" in joined
        or any("severity" in grouping.labels for grouping in groupings)
        or any(isinstance(label, String) and label.value == "severity" for label in made)
    )


def _has_text(rule: AlertingRule) -> bool:
    return any(name.lower() in _TEXTS or len(text.split()) > 1 for name, text in rule.annotations.items())


def _texts(rule: AlertingRule, described: bool) -> Iterator[Finding]:
    """Which texts are missing; a description only where nearly all of the file have one."""
    if "annotations" in rule.unread or rule.labels.get("severity", "").lower() in _QUIET:
        return
    if described and _is_described(rule):
        return
    if not _has_text(rule):
        below = [name for name in rule.labels if name.lower() in _TEXTS]
        message = f"{rule.name} says nothing to whom it wakes: write a summary and a description"
        if below:
            are = "are labels" if len(below) > 1 else "is a label"
            message = f"{' and '.join(below)} of {rule.name} {are} here: write that below annotations:"
        yield Finding("A008", message)
    elif described and not _is_described(rule) and not _is_told(rule):
        yield Finding("A020", f"{rule.name} has a summary and no description: say what it means", keys=("annotations",))


def _is_told(rule: AlertingRule) -> bool:
    """Whether a runbook says what it means, or the summary is a whole sentence."""
    words = _ACTION.sub("", rule.annotations.get("summary", "")).split()
    return links(rule) or len(words) >= _SENTENCE


def _is_described(rule: AlertingRule) -> bool:
    return "description" in rule.annotations or "message" in rule.annotations


RULE = Rule(
    Rules,
    check,
    {"A019": Level.WARNING, "A008": Level.WARNING, "A020": Level.NOTE},
    peers=("pint alerts/annotation", "pint rule/label", "mixtool alert-annotations"),
    advice=frozenset(("A019", "A008", "A020")),
)
