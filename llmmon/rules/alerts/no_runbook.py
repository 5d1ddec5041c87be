"""Alerts that link to no runbook.

At three in the morning somebody who has never seen the alert wants to know what to do. It is said once for a file. A
link below any name will do, and so does a text that says what to do.

Bad:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      annotations: {summary: Answers are slow}

Good:

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      annotations: {summary: Answers are slow, runbook_url: "https://runbooks.example/HighLatency"}

    - alert: HighLatency
      expr: job:latency_seconds:p95 > 0.5
      annotations: {summary: Answers are slow, runbook: "https://runbooks.example/HighLatency"}
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.heartbeat import is_alive
from llmmon.problem import Level
from llmmon.rule import Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import AlertingRule, Facts


_LINKING = lazily.pattern(r"runbook|playbook|wiki|docu|sop\b", re.IGNORECASE)
# Imperatives, which begin something, and what else asks that something be done.
_ADVICE = lazily.pattern(
    r"(?:^|[.!?:;,()>*\"'`\n-]\s{0,3}|\b(?:and|or|to|then|also)\s)(?:add|ask|check|clean|consider|contact|delete|disable"
    r"|enable|ensure|escalate|expand|fix|free up|increase|inspect|investigate|kill|look|migrate|open|raise|re-?create"
    r"|rebuild|redeploy|reduce|remove|renew|replace|resolve|restart|review|roll ?back|rotate|run|scale|see|try|tune"
    r"|update|upgrade|use|verify)\b"
    # What may be a noun, or fail to happen.
    r"|(?:^|[.!?:;,()>*\"'`\n-]\s{0,3}|\b(?:and|or|then|also)\s)(?:lower (?!than\b)"
    r"|(?:call|drop|page|set|start|stop|wait)\s(?:`|(?:an?|for|it|some|the|this|until|your|\w+ to)\b))"
    r"|\b(?:kubectl|make sure|must|please|should)\b",
    re.IGNORECASE,
)


_NO_ALERTS = ("test", "exampleslo", "examplealert")  # names of what is there to be tried, or replaced
_STEPS = frozenset(
    (
        *("action", "actions", "howto", "instructions", "mitigation", "next_steps", "procedure", "recommendation"),
        *("remediation", "resolution", "response", "solution", "steps", "suggestion", "troubleshooting"),
    )
)


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    del facts
    without = [rule for rule in rules.alerts if not _helps(rule)]
    if not without:
        return
    first, more = without[0], len(without) - 1
    if len(without) == len(rules.alerts):
        who = f"none of these {len(without)} alerts links" if more else f"{first.name} links"
        what = "to a runbook" if more else "to no runbook"
    else:
        who = f"{first.name} and {more} more link" if more else f"{first.name} links"
        others = any(_may_link(name) for rule in rules.alerts for name in rule.annotations)
        what = "to no runbook, as others here do" if others else "to no runbook"
    yield Finding("A021", f"{who} {what}: write runbook_url: https://...", origin=first.origin)


def _helps(rule: AlertingRule) -> bool:
    """Whether somebody who is woken knows what to do, as far as one can see."""
    if rule.name.lower().startswith(_NO_ALERTS):
        return True
    unread = not rule.unread.isdisjoint(("annotations", "labels")) or not _STEPS.isdisjoint(rule.annotations)
    return unread or links(rule) or is_alive(rule) or any(map(_ADVICE.search, rule.annotations.values()))


def links(rule: AlertingRule) -> bool:
    """Whether an alert has a runbook, or a link that may be one."""
    for texts in (rule.annotations, rule.labels):
        for name, text in texts.items():
            if "://" in text or _may_link(name):
                return True
    return False


@lru_cache(maxsize=1024)
def _may_link(name: str) -> bool:
    return _LINKING.search(name) is not None


RULE = Rule(Rules, check, {"A021": Level.NOTE}, advice=frozenset(("A021",)))
