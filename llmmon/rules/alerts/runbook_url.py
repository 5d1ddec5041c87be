"""A runbook's address that leads nowhere.

Whoever is woken clicks on it. A word, a path without a host or a place that somebody meant to fill in later is worse
than none, because it looks like one. An empty text is none.

Bad:

    expr: job:errors:ratio > 0.05
    annotations: {runbook_url: TODO}

    expr: job:errors:ratio > 0.05
    annotations: {runbook_url: "https//runbooks.example/HighErrorRate"}

Good:

    expr: job:errors:ratio > 0.05
    annotations: {runbook_url: "https://runbooks.example/HighErrorRate"}

    expr: job:errors:ratio > 0.05
    annotations: {runbook_url: "{{ $labels.base }}/HighErrorRate"}

    expr: job:errors:ratio > 0.05
    annotations: {runbook: Restart it.}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_URL = lazily.pattern(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/]+\S*\Z")
_LATER = lazily.pattern(r"[{}$%]|\[\[|<<")  # something fills it in
_SHOWN = 60


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    del facts
    url = rule.annotations.get("runbook_url", "")
    if not url.strip() or _URL.match(url.strip()) or _LATER.search(url):
        return
    shown = url if len(url) <= _SHOWN else f"{url[:_SHOWN]}..."
    what = "is a file of one machine" if url.startswith("file:") else "is no URL"
    message = f"{shown!r} {what}: write https://..., or leave runbook_url out"
    yield Finding("A010", message, keys=("annotations", "runbook_url"))


RULE = Rule(AlertingRule, check, {"A010": Level.WARNING}, peers=("pint rule/link", "promruval annotationIsValidURL"))
