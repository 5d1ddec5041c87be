"""Metrics of the schema that no rule and no dashboard of the run reads.

Either something is not watched that should be, or nobody needs what is scraped and stored.

Bad:

    groups: [{name: g, rules: [{alert: A, expr: app_requests_total > 5}]}]
    dashboards: [{panels: [{targets: [{expr: app_denials_total}]}]}]

Good:

    groups: [{name: g, rules: [{alert: A, expr: app_requests_total > 5}]}]

    dashboards: [{panels: [{targets: [{expr: '{__name__=~"app_.*"}'}]}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_SHOWN = 5


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    if not facts.declared or not corpus.dashboards:
        return
    from llmmon import usednames  # few runs have a dashboard

    recordings = [rule for rules in corpus.rules for rule in rules.recordings]
    alerts = [rule for rules in corpus.rules for rule in rules.alerts]
    used = usednames.of([*recordings, *alerts], corpus)
    unused = sorted(name for name in facts.declared if name not in used)
    if unused:
        more = f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else ""
        message = f"nothing of this run reads {', '.join(unused[:_SHOWN])}{more}: watch them, or do not scrape them"
        yield Finding("X003", message, origin=corpus.dashboards[0].origin)


RULE = Rule(Corpus, check, {"X003": Level.NOTE}, frozenset(("schema", "whole")), default=False)
