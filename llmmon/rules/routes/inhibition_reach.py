"""An inhibition that mutes more, or less, than it says.

A target of all alerts includes the source, and everything that has nothing to do with it. A label in `equal` that no
alert has is equal on all of them: then one alert mutes the whole fleet.

Bad:

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname=~".*"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity="info"]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity="info"], equal: [rack]}]

Good:

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity="info"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname!="Down"], equal: [service]}]

    inhibit_rules: [{source_matchers: [severity="critical"], target_matchers: [severity="info"], equal: [alertname]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.alertmanager.matchers import Matcher
    from llmmon.rule import Facts


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    for rule in configuration.inhibitions:
        if any(_takes_all(matcher) for matcher in rule.target):
            message = "this mutes every alert, its own source included: name the targets, such as alertname!=SOURCE"
            key = next((key for key in ("target_match_re", "target_matchers") if key in rule.value), "target_match")
            yield Finding("I003", message, origin=rule.origin.at(key))
        equal = rule.value.get("equal")
        if not equal:
            message = "without equal: one source mutes its targets everywhere: write equal: [environment, service]"
            yield Finding("I001", message, origin=rule.origin)
        for index, name in enumerate(equal if isinstance(equal, list) else ()):
            if facts.alerts is not None and not any(str(name) in alert for alert in facts.alerts):
                message = f"no alert has the label {name!r}, which is then equal on all: write environment and service"
                yield Finding("I004", message, origin=rule.origin.at("equal", index))


def _takes_all(matcher: Matcher) -> bool:
    return matcher.op == "=~" and matcher.value in (".*", ".+")


RULE = Rule(
    Configuration,
    check,
    {"I001": Level.WARNING, "I003": Level.WARNING, "I004": Level.WARNING},
    peers=("amlint inhibit-no-equal", "amlint circular-inhibition"),
)
