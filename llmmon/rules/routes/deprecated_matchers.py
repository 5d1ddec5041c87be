"""Matchers in the notation that is going away.

`match`, `match_re`, `source_match` and their like are deprecated since Alertmanager 0.22, and 1.0 will not read them.
Nobody says so when the file is loaded.

Bad:

    route:
      receiver: a
      routes: [{match: {severity: critical}, receiver: a}]

    inhibit_rules: [{source_match: {alertname: Down}, target_match_re: {alertname: Slow.*}, equal: [service]}]

Good:

    route:
      receiver: a
      routes: [{matchers: [severity="critical"], receiver: a}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname=~"Slow.*"], equal: [service]}]
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


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    parts: tuple[Route | Inhibition, ...] = (*configuration.routes, *configuration.inhibitions)
    for part in parts:
        for old, new in _INSTEAD.items():
            if old in part.value:
                message = f'{old} is deprecated: write {new}: [NAME="VALUE"]'
                yield Finding("C041", message, origin=part.origin.at(old))


RULE = Rule(Configuration, check, {"C041": Level.WARNING}, peers=("amlint deprecated-match",))
