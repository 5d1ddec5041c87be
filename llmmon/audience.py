"""Who hears of a run's alerts, as far as its Alertmanager configurations say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.documents.routes import Configuration

_MACHINES = lazily.pattern(r"\b(?:eda|ansible|awx|rundeck|stackstorm)\b|remediat|(?:self|auto)-?heal", re.IGNORECASE)


def reads_severity(configurations: Sequence[Configuration]) -> bool:
    """Whether a severity makes a difference to a route or an inhibition."""
    matchers = [matcher for one in configurations for route in one.routes for matcher in route.matchers]
    inhibitions = [rule for one in configurations for rule in one.inhibitions]
    matchers += [matcher for rule in inhibitions for matcher in (*rule.source, *rule.target)]
    return any(matcher.label == "severity" for matcher in matchers)


def only_machines(configurations: Sequence[Configuration]) -> bool:
    """Whether all that is told is told to what repairs without asking anybody."""
    told = [way for one in configurations for way in one.integrations]
    return bool(told) and all(
        way.kind == "webhook_configs" and _MACHINES.search(f"{way.receiver} {way.value.get('url')}") for way in told
    )
