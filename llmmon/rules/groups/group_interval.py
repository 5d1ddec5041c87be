"""A group that is evaluated too rarely, too often, or not as often as its alerts say.

A series that is recorded every ten minutes is gone for half of the time, because Prometheus looks back five minutes,
unless whoever reads it looks back further; that is said where a rule of the file reads it sooner. A group that is
evaluated more often than its metrics are scraped computes the same value again. An alert is looked at only when its
group is evaluated: `for: 1m` in a group of 5m means five minutes.

Bad:

    groups:
      - name: api
        interval: 10m
        rules:
          - record: job:requests:rate5m
            expr: sum by (job) (rate(requests_total[5m]))
      - name: alerts
        interval: 1m
        rules:
          - alert: NoRequests
            expr: job:requests:rate5m == 0

    groups:
      - name: api
        interval: 5m
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            for: 1m

Good:

    groups:
      - name: api
        interval: 1m
        rules:
          - record: job:requests:rate5m
            expr: sum by (job) (rate(requests_total[5m]))
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            for: 5m

    groups:
      - name: slow
        interval: 10m
        rules:
          - alert: CertificateExpires
            expr: certificate_expiry_seconds - time() < 86400
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import replace
from llmmon.dependencies import present
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Edit, Finding, RecordingRule, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, Group

_MUCH = 1.5  # times what is written
_LOOKBACK = timedelta(minutes=5)  # of a Prometheus whose --query.lookback-delta nobody has changed


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    for group in rules.groups:
        yield from (
            finding if finding.origin else replace(finding, origin=group.origin) for finding in _of(group, rules, facts)
        )


def _of(group: Group, rules: Rules, facts: Facts) -> Iterator[Finding]:
    interval = group.interval or facts.evaluation_interval
    if not interval or "interval" in group.unread:
        return
    shown = duration.text(interval)
    if group.interval and interval > _LOOKBACK and _is_read_sooner(group, rules):
        gap = duration.text(interval - _LOOKBACK)
        message = f"between two evaluations {shown} apart what is recorded here has no value for {gap}"
        advice = f"write 5m or less, or read it as last_over_time(...[{duration.text(interval + _LOOKBACK)}])"
        yield Finding("R031", f"{message}: {advice}", keys=("interval",))
    if group.interval and facts.scrape_interval and interval < facts.scrape_interval:
        message = f"nothing new comes within {shown}, because scrapes are {duration.text(facts.scrape_interval)} apart"
        yield Finding("R032", f"{message}: evaluate as often", keys=("interval",))
    for rule in group.rules:
        if isinstance(rule, AlertingRule) and rule.hold and rule.hold * _MUCH <= interval:
            message = (
                f"this group is evaluated every {shown}, so for: {duration.text(rule.hold)} lasts as long: write that"
            )
            edits = (Edit(shown, keys=("for",)),)
            yield Finding("R036", message, keys=("for",), origin=rule.origin, edits=edits)


def _is_read_sooner(group: Group, rules: Rules) -> bool:
    """Whether a rule of the file reads the present value of what a group records, and is evaluated more often."""
    recorded = {rule.name for rule in group.rules if isinstance(rule, RecordingRule)}
    others = (
        one for one in rules.groups if one is not group and (one.interval or _LOOKBACK) < (group.interval or _LOOKBACK)
    )
    expressions = (rule.expression.expr for one in others for rule in one.rules if rule.expression) if recorded else ()
    return any(one.name in recorded and not one.offset for expr in expressions for one in present(expr))


RULE = Rule(
    Rules,
    check,
    {"R031": Level.NOTE, "R032": Level.WARNING, "R036": Level.NOTE},
    peers=("pint group/interval", "promruval evaluationInterval"),
    advice=frozenset(("R031", "R032", "R036")),
)
