"""A critical alert that another one may mute.

An inhibition whose target leaves the severity open mutes what is critical, too. That is often meant, as when the whole
service is down; whoever wants to know of each such rule selects this one.

Bad:

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname=~"Slow.*"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity=~"critical|warning"], equal: [a]}]

Good:

    inhibit_rules: [{source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity!="critical"], equal: [service]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.alertmanager.matchers import Matcher
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.reach import possible
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_WORST = Matcher("severity", "=", "critical")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    for rule in configuration.inhibitions:
        if rule.target and rule.readable and possible((*rule.target, _WORST)):
            message = 'this may mute a critical alert: write severity!="critical" among its targets'
            key = next((key for key in rule.value if key.startswith("target")), "target_matchers")
            yield Finding("I008", message, origin=rule.origin.at(key))


RULE = Rule(Configuration, check, {"I008": Level.NOTE}, default=False)
