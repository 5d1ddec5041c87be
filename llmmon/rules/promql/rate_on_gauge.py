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

import re
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Call, Range
from llmmon.promql.fold import RATES
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_SIZES = re.compile(r"(?:batch|body|chunk|message|packet|payload|request|response|sent|received)_size_bytes\Z").search
_INSTEAD = {"increase": "delta", "rate": "avg_over_time or deriv", "irate": "the gauge alone, or its idelta"}


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    for call in written.of(Call):
        if call.func in RATES and isinstance(call.args[0], Range):
            name = call.args[0].selector.name
            if facts.type(name) == "gauge" and not facts.series(name).rate and not _may_be_native(name, written, facts):
                message = f"{name} is a gauge, and its {call.func} means nothing: write {_INSTEAD[call.func]}"
                yield Finding("Q020", message, (call.span[0], call.span[0] + len(call.func)))


def _may_be_native(name: str | None, written: Expression, facts: Facts) -> bool:
    """Whether it may be a native histogram, whose name says no more than that of a gauge."""
    known = facts.series(name).type
    return known is None and ("histogram_" in written.text or f"{name}_" in written.text or bool(_SIZES(name or "")))


RULE = Rule(Expression, check, {"Q020": Level.ERROR}, peers=("pint promql/rate",), words=tuple(sorted(RATES)))
