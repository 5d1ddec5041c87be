"""Matchers and time intervals in the notation that is going away.

`match`, `match_re`, `source_match` and their like are deprecated since Alertmanager 0.22, and `mute_time_intervals` at
the top since 0.24; 1.0 will not read them. Nobody says so when the file is loaded.

Bad:

    route:
      receiver: a
      routes: [{match: {severity: critical}, receiver: a}]

    inhibit_rules: [{source_match: {alertname: Down}, target_match_re: {alertname: Slow.*}, equal: [service]}]

    mute_time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]

Good:

    route:
      receiver: a
      routes: [{matchers: [severity="critical"], receiver: a, mute_time_intervals: [night]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname=~"Slow.*"], equal: [service]}]

    time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration, Inhibition, Route
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_INSTEAD = {
    "match": "matchers",
    "match_re": "matchers",
    "source_match": "source_matchers",
    "source_match_re": "source_matchers",
    "target_match": "target_matchers",
    "target_match_re": "target_matchers",
}
_INTERVALS = (0, 24)  # the first version with time_intervals


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    parts: tuple[Route | Inhibition, ...] = (*configuration.routes, *configuration.inhibitions)
    for part in parts:
        for old, new in _INSTEAD.items():
            if old in part.value:
                message = f'{old} is deprecated: write {new}: [NAME="VALUE"]'
                yield Finding("C041", message, origin=part.origin.at(old))
    if configuration.value.get("mute_time_intervals") and facts.alertmanager >= _INTERVALS:
        message = "mute_time_intervals is deprecated here: write time_intervals"
        yield Finding("C042", message, origin=configuration.origin.at("mute_time_intervals"))


RULE = Rule(
    Configuration,
    check,
    {"C041": Level.WARNING, "C042": Level.WARNING},
    peers=("amlint deprecated-match", "amlint deprecated-mute-time-intervals"),
)
