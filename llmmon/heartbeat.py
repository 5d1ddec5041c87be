"""Alerts that fire all the time, to show that alerting works."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.promql import Selector

if TYPE_CHECKING:
    from llmmon.rule import AlertingRule

_ALIVE = lazily.pattern(r"watchdog|heart_?beat|dead_?mans?|snitch|always_?firing", re.IGNORECASE)


def is_alive(rule: AlertingRule) -> bool:
    """Whether an alert is one of these, as its name or one of its labels says, or because it reads nothing."""
    if rule.expression and not rule.expression.of(Selector):
        return True
    return says_alive("\n".join((rule.name, *rule.labels.values())))


def says_alive(text: str) -> bool:
    """Whether a name, or what stands in a route, is of such an alert."""
    return _ALIVE.search(text) is not None
