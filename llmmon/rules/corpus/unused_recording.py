"""A recorded series that nothing in the run reads.

It costs at each evaluation and in storage. Said only where dashboards are in the run as well; what reads it may still
be elsewhere, such as an autoscaler.

Bad:

    groups: [{name: g, rules: [{record: 'a:b', expr: sum(x)}, {record: 'a:c', expr: sum(y)}]}]
    dashboards: [{panels: [{targets: [{expr: 'a:b'}]}]}]

Good:

    groups: [{name: g, rules: [{record: 'a:b', expr: sum(x)}, {record: 'a:c', expr: 'max(a:b)'}]}]
    dashboards: [{panels: [{targets: [{expr: 'a:c'}]}]}]

    groups: [{name: g, rules: [{record: 'a:b', expr: sum(x)}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    recordings = [rule for rules in corpus.rules for rule in rules.recordings]
    if not recordings or not corpus.dashboards:
        return
    from llmmon import usednames  # few runs have a dashboard

    alerts = [rule for rules in corpus.rules for rule in rules.alerts]
    used = usednames.of([*recordings, *alerts], corpus)
    said: set[str] = set()
    for rule in recordings:
        if rule.name not in used and rule.name not in said:
            said.add(rule.name)
            message = f"no rule and no dashboard of this run reads {rule.name}: remove it, unless somebody else does"
            yield Finding("X002", message, keys=("record",), origin=rule.origin)


RULE = Rule(Corpus, check, {"X002": Level.NOTE}, frozenset(("whole",)), default=False)
