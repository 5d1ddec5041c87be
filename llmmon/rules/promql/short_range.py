"""A range that is too short for two samples.

`rate()` and its relatives need two samples. A range below twice the scrape interval often holds only one: the result
has holes, or is empty for ever. Four times the interval survives a scrape that fails.

Bad:

    rate(app_requests_total[30s])

    deriv(app_queue_length[45s])

Good:

    rate(app_requests_total[2m])

    avg_over_time(app_queue_length[30s])

    delta(rate(app_requests_total[5m])[30s:1s])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.problem import Level
from llmmon.promql import Call, Range, printer
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_OF_TWO = frozenset(("delta", "deriv", "idelta", "increase", "irate", "predict_linear", "rate"))


def check(call: Call, facts: Facts) -> Iterator[Finding]:
    if call.func not in _OF_TWO or not isinstance(call.args[0], Range):
        return
    name = call.args[0].selector.name or ""
    recorded = ":" in name or name in facts.recorded
    interval = facts.evaluation_interval if recorded else facts.scrape_interval
    if interval is None:
        return
    every = duration.milliseconds(interval)
    if call.args[0].range < 2 * every:
        what = "evaluated" if recorded else "scraped"
        message = (
            f"{call.func} needs two samples, and {name or 'this'} is {what} every {printer.duration(every)}: "
            f"write [{printer.duration(4 * every)}] or more"
        )
        yield Finding("Q013", message, call.args[0].span)


RULE = Rule(
    Call,
    check,
    {"Q013": Level.ERROR},
    frozenset(("scrape_interval",)),
    peers=("pint promql/rate", "promruval expressionDoesNotUseRangeShorterThan"),
    names=frozenset(_OF_TWO),
)
