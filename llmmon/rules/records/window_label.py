"""A label that says over which window a rule records.

The window belongs in the name. As a label it is on the recorded series alone, and every operator between that and the
series it was made from finds no two that match. Where some expression chooses or matches series by that label, it is
meant so.

Bad:

    record: app:cost_1h
    expr: sum(increase(app_cost_usd_total[1h]))
    labels: {aggregation: 1h}

Good:

    record: app:cost:increase1h
    expr: sum(increase(app_cost_usd_total[1h]))
    labels: {service: app}

    record: app:cost:increase1h
    expr: sum(increase(app_cost_usd_total[1h]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import Finding, RecordingRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_PERIOD = lazily.pattern(r"daily|hourly|monthly|weekly|yearly")
_WINDOW = lazily.pattern(r"\d+(?:s|m|h|d|w)\Z")
_SLO = ("slo", "sloth_window", "slo_window", "window")  # burn rates are told apart so


def check(rule: RecordingRule, facts: Facts) -> Iterator[Finding]:
    for label, value in rule.labels.items():
        told = label in _SLO or _PERIOD.search(rule.name)
        if _WINDOW.match(value) and not told and label not in facts.choosing:
            message = f"the label {label} keeps this series from matching any other: write the window into the name"
            yield Finding("R047", message, keys=("labels", label))


RULE = Rule(RecordingRule, check, {"R047": Level.WARNING}, advice=frozenset(("R047",)))
