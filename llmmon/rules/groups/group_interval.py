"""A group that is evaluated too rarely, too often, or not as often as its alerts say.

A series that is recorded every ten minutes is gone for half of the time, because Prometheus looks back five minutes,
unless whoever reads it looks back further. A group that is evaluated more often than its metrics are scraped computes
the same value again. An alert is looked at only when its group is evaluated: `for: 1m` in a group of 5m means five
minutes.

Bad:

    groups:
      - name: api
        interval: 10m
        rules:
          - record: job:requests:rate5m
            expr: sum by (job) (rate(requests_total[5m]))

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
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Edit, Finding, Group, RecordingRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_LOOKBACK = timedelta(minutes=5)  # of a Prometheus whose --query.lookback-delta nobody has changed


def check(group: Group, facts: Facts) -> Iterator[Finding]:
    interval = group.interval or facts.evaluation_interval
    if not interval or "interval" in group.unread:
        return
    shown = duration.text(interval)
    records = any(isinstance(rule, RecordingRule) for rule in group.rules)
    if group.interval and interval > _LOOKBACK and records:
        gap = duration.text(interval - _LOOKBACK)
        message = f"between two evaluations {shown} apart what is recorded here has no value for {gap}"
        advice = f"write 5m or less, or read it as last_over_time(...[{duration.text(interval + _LOOKBACK)}])"
        yield Finding("R031", f"{message}: {advice}", keys=("interval",))
    if group.interval and facts.scrape_interval and interval < facts.scrape_interval:
        message = f"nothing new comes within {shown}, because scrapes are {duration.text(facts.scrape_interval)} apart"
        yield Finding("R032", f"{message}: evaluate as often", keys=("interval",))
    for rule in group.rules:
        if isinstance(rule, AlertingRule) and rule.hold and rule.hold < interval:
            message = (
                f"this group is evaluated every {shown}, so for: {duration.text(rule.hold)} lasts as long: write that"
            )
            edits = (Edit(shown, keys=("for",)),)
            yield Finding("R036", message, keys=("for",), origin=rule.origin, edits=edits)


RULE = Rule(
    Group,
    check,
    {"R031": Level.NOTE, "R032": Level.WARNING, "R036": Level.WARNING},
    peers=("pint group/interval", "promruval evaluationInterval"),
)
