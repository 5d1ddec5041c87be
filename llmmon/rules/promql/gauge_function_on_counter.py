"""The delta, trend or mean of a counter.

`delta()`, `deriv()`, `predict_linear()` and the means over time take a restart, after which a counter begins at 0
again, for a fall of the value.

Bad:

    delta(app_requests_total[1h])

    avg_over_time(app_errors_total[5m])

Good:

    increase(app_requests_total[1h])

    delta(app_queue_length[1h])

    max_over_time(app_errors_total[5m])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Call, Range
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_INSTEAD = {
    "delta": "increase",
    "idelta": "irate",
    "deriv": "rate",
    "predict_linear": "predict_linear over a recorded increase",
    "avg_over_time": "rate",
    "stddev_over_time": "stddev_over_time over a recorded rate",
}


def check(call: Call, facts: Facts) -> Iterator[Finding]:
    if call.func not in _INSTEAD or not isinstance(call.args[0], Range):
        return
    selector = call.args[0].selector
    if facts.type(selector.name) == "counter":
        message = (
            f"{selector.name} is a counter, which {call.func} misreads at each restart: write {_INSTEAD[call.func]}"
        )
        yield Finding("Q021", message, (call.span[0], call.span[0] + len(call.func)))


RULE = Rule(Call, check, {"Q021": Level.WARNING})
