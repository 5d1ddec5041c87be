"""Who hears of a run's alerts, as far as its Alertmanager configurations say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.documents.routes import Configuration


def reads_severity(configurations: Sequence[Configuration]) -> bool:
    """Whether a severity makes a difference to who is told, or to an inhibition."""
    choosing = [one for one in configurations if _chooses(one)]
    matchers = [matcher for one in choosing for route in one.routes for matcher in route.matchers]
    inhibitions = [rule for one in configurations for rule in one.inhibitions]
    matchers += [matcher for rule in inhibitions for matcher in (*rule.source, *rule.target)]
    return any(matcher.label == "severity" for matcher in matchers)


def _chooses(configuration: Configuration) -> bool:
    """Whether it tells one receiver of some alerts, and another one, or nobody, of others."""
    told = {str(route.value["receiver"]) for route in configuration.routes if "receiver" in route.value}
    return len(told) > 1 or any(route.matchers and not route.above for route in configuration.routes)
