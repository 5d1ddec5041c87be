"""A question about an alert that no rule raises.

`ALERTS` has a series for each alert that is pending or firing. Of a name that no rule has there is none, so what asks
for it never has a result: an alert on alerts is silent, an inhibition of one's own never mutes.

Bad:

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
          - alert: Trouble
            expr: ALERTS{alertname="HighErrorsRate", alertstate="firing"} > 0

Good:

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
          - alert: Trouble
            expr: ALERTS{alertname="HighErrorRate", alertstate="firing"} > 0

    groups:
      - name: api
        rules:
          - alert: Trouble
            expr: count(ALERTS{alertstate="firing"}) > 10
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.dependencies import placed
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.promql.fold import selectors
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Matcher
    from llmmon.rule import AlertingRule, Facts, RecordingRule

_WORD = 3  # letters
_MOST = 50  # of a run; each is looked for among all alerts
_SERIES = ("ALERTS", "ALERTS_FOR_STATE")
_LITERAL = lazily.pattern(r"[\w|]+\Z")


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    asking = [one.rule for one in placed(corpus) if one.rule.expression and "ALERTS" in one.rule.expression.text]
    if not asking:
        return
    known = {rule.name for rules in corpus.rules for rule in rules.alerts}
    asked = ((rule, matcher, name) for rule in asking for matcher, name in _asked(rule) if name not in known)
    for rule, matcher, name in islice(asked, _MOST):
        if (near := next(iter(get_close_matches(name, known, 1)), None)) and _is_slip(name, near, rule):
            message = f"no rule here raises {name}: did you mean {near}?"
            yield Finding("R030", message, origin=rule.origin.at("expr", span=matcher.span))


def _is_slip(name: str, near: str, rule: AlertingRule | RecordingRule) -> bool:
    """Whether one name is the other with a slip in it: not where it has a word more, as who asks about it may have."""
    return near != rule.name and abs(len(name) - len(near)) < _WORD


def _asked(rule: AlertingRule | RecordingRule) -> Iterator[tuple[Matcher, str]]:
    """The alerts that an expression asks about, and where."""
    assert rule.expression
    for selector in selectors(rule.expression.expr):
        if selector.name in _SERIES:
            yield from ((matcher, name) for matcher in selector.matchers for name in _names(matcher))


def _names(matcher: Matcher) -> list[str]:
    """The alerts that a matcher names one by one."""
    if matcher.label != "alertname" or not (
        matcher.op == "=" or (matcher.op == "=~" and _LITERAL.match(matcher.value))
    ):
        return []
    return [matcher.value] if matcher.op == "=" else matcher.value.split("|")


RULE = Rule(
    Corpus,
    check,
    {"R030": Level.WARNING},
    frozenset(("whole",)),
    peers=("pint promql/series",),
    advice=frozenset(("R030",)),
)
