"""An inhibition that mutes more, or less, than it says.

A target of all alerts includes what has nothing to do with the source; of one machine that is what is meant. A label in
`equal` that no alert has is equal on all of them: then one alert mutes the whole fleet. A rule whose source is its
target mutes nothing, and so does one whose `equal` asks for a label in which source and target differ. Two rules that
mute each other's source leave nobody to tell.

Bad:

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname=~".*"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity="info"]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity="info"], equal: [rack]}]

    inhibit_rules: [{source_matchers: [severity="info"], target_matchers: [severity="info"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname="Slow"], equal: [alertname]}]

    inhibit_rules: [{source_matchers: [severity="critcal"], target_matchers: [severity="warning"], equal: [service]}]

    inhibit_rules:
      - {source_matchers: [alertname="A"], target_matchers: [alertname="B"], equal: [service]}
      - {source_matchers: [alertname="B"], target_matchers: [alertname="A"], equal: [service]}

Good:

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [severity="warning"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname!="Down"], equal: [service]}]

    inhibit_rules: [{source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [alertname]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname="Slow"], equal: [service]}]

    inhibit_rules: [{source_matchers: [alertname=~"A|B"], target_matchers: [alertname=~"B|C"], equal: [alertname]}]

    inhibit_rules: [{source_match: {severity: critical}, target_matchers: [severity=~"warning|info"], equal: [service]}]

    inhibit_rules:
      - {source_matchers: [alertname="A"], target_matchers: [alertname="B"], equal: [service]}
      - {source_matchers: [alertname="B"], target_matchers: [alertname="C"], equal: [service]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration, Inhibition
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.reach import possible, takes
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.documents.alertmanager.matchers import Matcher
    from llmmon.rule import Facts


_OF_MACHINES = frozenset(
    (
        *("cluster", "datacenter", "device", "fqdn", "host", "hostname", "instance", "kubernetes_node", "node"),
        *("nodename", "pod", "rack", "region", "server", "site", "zone"),
    )
)


_WHERE = ("environment", "cluster", "namespace", "service", "instance", "job")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    for rule in configuration.inhibitions:
        if rule.source and rule.readable and set(rule.source) == set(rule.target):
            message = "source and target are the same alerts, and those mute nothing: name a milder target"
            yield Finding("I002", message, origin=rule.origin)
            continue
        yield from _target(rule)
        yield from _equal(rule, facts)
        yield from _unknown(rule, facts)
    yield from _circles(configuration.inhibitions)


def _target(rule: Inhibition) -> Iterator[Finding]:
    equal = rule.value.get("equal")
    if isinstance(equal, list) and not _OF_MACHINES.isdisjoint(map(str, equal)):
        return  # of what is down nothing else is worth saying
    if any(_takes_all(matcher) for matcher in rule.target):
        same = f" of the same {' and '.join(map(str, equal))}" if isinstance(equal, list) and equal else ""
        message = f"this mutes every alert{same}, whatever it is about: name the targets, such as severity=warning"
        key = next((key for key in ("target_match_re", "target_matchers") if key in rule.value), "target_match")
        yield Finding("I003", message, origin=rule.origin.at(key))


def _equal(rule: Inhibition, facts: Facts) -> Iterator[Finding]:
    equal = rule.value.get("equal")
    # An empty list is written on purpose.
    if equal is None and rule.source and rule.target and not _is_of_one_cause(rule):
        known = [name for name in _WHERE if any(name in alert for alert in facts.alerts or ())][:2]
        names = ", ".join(known or ("environment", "service"))
        message = f"without equal: one source mutes its targets everywhere: write equal: [{names}]"
        yield Finding("I001", message, origin=rule.origin)
    for index, name in enumerate(equal if isinstance(equal, list) else ()):
        at = rule.origin.at("equal", index)
        both = [matcher for matcher in (*rule.source, *rule.target) if matcher.label == str(name)]
        if facts.alerts is not None and not any(str(name) in alert for alert in facts.alerts):
            message = f"no alert has the label {name!r}, which is then equal on all: write environment and service"
            yield Finding("I004", message, origin=at)
        elif not possible(both):
            message = f"source and target never have the same {name}, so nothing is muted: leave {name} out of equal"
            yield Finding("I005", message, origin=at)


def _is_of_one_cause(rule: Inhibition) -> bool:
    """Whether one alert is named that mutes what is named as well: what it is about may be there once, as a gateway."""
    named = any(matcher.label == "alertname" and matcher.op == "=" for matcher in rule.source)
    return named and any(matcher.label != "severity" for matcher in rule.target)


def _unknown(rule: Inhibition, facts: Facts) -> Iterator[Finding]:
    """A side that no alert of the run is on; a label that none of them has comes from outside."""
    alerts = facts.alerts or ()
    for side, matchers in (("source", rule.source), ("target", rule.target)):
        known = [matcher for matcher in matchers if any(matcher.label in alert for alert in alerts)]
        named = any(matcher.label == "alertname" for matcher in known)  # of rules that may not be in this run
        if known and not named and all(takes(known, alert) is False for alert in alerts):
            if not facts.all_alerts and not any(_is_misspelt(matcher, facts) for matcher in known):
                continue  # it may be of rules that are elsewhere
            shown = " and ".join(map(str, known))
            message = f"no alert has {shown}, so this mutes nothing: name a {side} that exists"
            key = next((key for key in rule.value if key.startswith(side)), side)
            yield Finding("I006", message, origin=rule.origin.at(key))


def _is_misspelt(matcher: Matcher, facts: Facts) -> bool:
    """Whether it asks for nearly what an alert has."""
    values = {value for alert in facts.alerts or () for value in alert.get(matcher.label) or ()}
    return matcher.value not in values and bool(get_close_matches(matcher.value, values, 1))


def _circles(rules: Sequence[Inhibition]) -> Iterator[Finding]:
    first: dict[tuple[frozenset[Matcher], frozenset[Matcher]], Inhibition] = {}
    for rule in (rule for rule in rules if rule.readable):
        source, target = frozenset(rule.source), frozenset(rule.target)
        other = first.get((target, source))
        if other and source and source != target:
            message = (
                f"the rule at {other.origin} mutes what mutes here, so nobody is told of either: keep one of the two"
            )
            yield Finding("I007", message, origin=rule.origin, related=(other.origin,))
        first.setdefault((source, target), rule)


def _takes_all(matcher: Matcher) -> bool:
    return matcher.op == "=~" and matcher.value in (".*", ".+")


RULE = Rule(
    Configuration,
    check,
    dict.fromkeys(("I001", "I002", "I003", "I004", "I005", "I006", "I007"), Level.WARNING),
    peers=("amlint inhibit-no-equal", "amlint inhibit-same-match", "amlint circular-inhibition"),
    advice=frozenset(("I001", "I002", "I003", "I004", "I005", "I006", "I007")),
)
