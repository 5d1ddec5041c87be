"""An alert about metrics that no dashboard of the run shows.

Whoever it wakes has nothing to look at: no panel queries any metric of it, or one that is recorded from the same.

Bad:

    groups: [{name: g, rules: [{alert: A, expr: x > 5}]}]
    dashboards: [{panels: [{targets: [{expr: y}]}]}]

Good:

    groups: [{name: g, rules: [{record: 'a:x', expr: sum(x)}, {alert: A, expr: x > 5}]}]
    dashboards: [{panels: [{targets: [{expr: 'a:x'}]}]}]

    groups: [{name: g, rules: [{alert: A, expr: x > 5}]}]
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
    if not corpus.dashboards:
        return
    from llmmon import usednames  # few runs have a dashboard

    recorded = usednames.behind(corpus)
    shown = usednames.of((), corpus)
    behind = {metric for name in shown.names for metric in recorded.get(name, (name,))}
    for rules in corpus.rules:
        for rule in rules.alerts:
            read = usednames.metrics(rule.expression.expr, recorded) if rule.expression else frozenset()
            if read and not read & behind and not any(name in shown for name in read):
                message = f"no dashboard of this run shows what {rule.name} is about: add a panel of {min(read)}"
                yield Finding("X005", message, keys=("alert",), origin=rule.origin)


RULE = Rule(Corpus, check, {"X005": Level.NOTE}, default=False)
