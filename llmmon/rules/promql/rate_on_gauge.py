"""The rate or the increase of a gauge.

`rate()`, `irate()` and `increase()` take every fall of a value for a restart of the process and add it up. A gauge
falls all the time: its rate means nothing, stays near 0 where the gauge is steady, and an alert on it never fires.

Bad:

    rate(app_cpu_usage_ratio[5m]) > 0.7

    increase(app_memory_usage_bytes[1h])

Good:

    avg_over_time(app_cpu_usage_ratio[5m]) > 0.7

    delta(app_memory_usage_bytes[1h])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Call, Range
from llmmon.promql.fold import RATES
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_INSTEAD = {"increase": "delta", "rate": "avg_over_time or deriv", "irate": "idelta"}


def check(call: Call, facts: Facts) -> Iterator[Finding]:
    if call.func not in RATES or not isinstance(call.args[0], Range):
        return
    selector = call.args[0].selector
    if facts.type(selector.name) == "gauge" and not facts.series(selector.name).rate:
        message = f"{selector.name} is a gauge, and its {call.func} means nothing: write {_INSTEAD[call.func]}"
        yield Finding("Q020", message, (call.span[0], call.span[0] + len(call.func)))


RULE = Rule(Call, check, {"Q020": Level.ERROR}, peers=("pint promql/rate",), names=RATES)
