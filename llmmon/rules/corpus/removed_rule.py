"""A rule that was removed, and is still used.

Said with `--since`: a recorded series or an alert that a file had at that revision and no file has now. What reads the
series gets nothing from then on; an alert on it is silent.

Bad (removed: job:errors:ratio, HighErrorRate):

    groups:
      - name: api
        rules:
          - alert: TooManyErrors
            expr: job:errors:ratio > 0.05

    groups:
      - name: api
        rules:
          - alert: Trouble
            expr: ALERTS{alertname="HighErrorRate"} > 0

Good (removed: job:errors:ratio, HighErrorRate):

    groups:
      - name: api
        rules:
          - alert: TooManyErrors
            expr: job:failures:ratio > 0.05

    groups:
      - name: api
        rules:
          - record: job:errors:ratio
            expr: sum by (job) (rate(errors_total[5m]))
          - alert: TooManyErrors
            expr: job:errors:ratio > 0.05
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.dependencies import NAME, placed
from llmmon.problem import Level
from llmmon.promql.fold import selectors
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.dependencies import Placed
    from llmmon.rule import Facts


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    gone = set(facts.removed or ()) - facts.recorded - {rule.name for rules in corpus.rules for rule in rules.alerts}
    if not gone:
        return
    for one in placed(corpus):
        if one.rule.expression and not gone.isdisjoint(NAME.findall(one.rule.expression.text)):
            yield from _used(one, gone)


def _used(one: Placed, gone: set[str]) -> Iterator[Finding]:
    assert one.rule.expression
    for selector in selectors(one.rule.expression.expr):
        name = selector.name or ""
        if ":" in name and name in gone:  # any other may be scraped as well
            yield _said(one, name, selector.span, "records")
        for matcher in selector.matchers if name.startswith("ALERTS") else ():
            if (matcher.label, matcher.op) == ("alertname", "=") and matcher.value in gone:
                yield _said(one, matcher.value, matcher.span, "raises")


def _said(one: Placed, name: str, span: tuple[int, int], verb: str) -> Finding:
    message = f"the rule that {verb} {name} is gone, and this still needs it: bring it back, or use another"
    return Finding("R029", message, origin=one.rule.origin.at("expr", span=span))


RULE = Rule(
    Corpus, check, {"R029": Level.ERROR}, needs=frozenset(("removed", "whole")), peers=("pint rule/dependency",)
)
