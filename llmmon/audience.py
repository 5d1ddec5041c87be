"""Who hears of a run's alerts, as far as its Alertmanager configurations say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily, nearby

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from llmmon.documents.routes import Configuration

_MACHINES = lazily.pattern(r"\b(?:eda|ansible|awx|rundeck|stackstorm)\b|remediat|(?:self|auto)-?heal", re.IGNORECASE)
_ROUTE = lazily.pattern(r"^[ \t]*route:[ \t]*\n(?:.*\n)?[ \t]+receiver:", re.MULTILINE)


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


def only_machines(configurations: Sequence[Configuration]) -> bool:
    """Whether all that is told is told to what repairs without asking anybody."""
    told = [way for one in configurations for way in one.integrations]
    return bool(told) and all(
        way.kind == "webhook_configs" and _MACHINES.search(f"{way.receiver} {way.value.get('url')}") for way in told
    )


def tells_all_alike(paths: Sequence[Path]) -> bool:
    """Whether what writes a configuration of Alertmanager, as a template or a script does, never reads a severity."""
    files = (file for file in nearby.below(paths) if "alertmanager" in file.as_posix().lower() and file.is_file())
    written = [nearby.start(file) for file in files]
    routes = [text for text in written if _ROUTE.search(text)]
    return bool(routes) and not any("severity" in text.lower() for text in written)
