"""How soon alerts are answered: what the fleet says, over what the source documents name."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.plan.fleet import RESPONSES, SEVERITIES, Response
from llmmon.problem import Problem

if TYPE_CHECKING:
    from llmmon.load import LoadedFleet
    from llmmon.plan.fleet import Severity


def lower_responses(loaded: LoadedFleet, problems: list[Problem]) -> dict[Severity, Response | None]:
    """By severity, worst first; None is best effort."""
    out = dict(RESPONSES)
    for severity, times in loaded.spec.response.items():
        out[severity] = Response(times.acknowledge, times.resolve) if times else None
    for worse, better in itertools.pairwise(SEVERITIES):
        slow, fast = out[worse], out[better]
        if fast and (slow is None or slow.acknowledge > fast.acknowledge or slow.resolve > fast.resolve):
            said = f"{duration.text(slow.acknowledge)} and {duration.text(slow.resolve)}" if slow else "best effort"
            message = f"{worse} ({said}) would be answered later than {better}: make it the shorter one"
            problems.append(Problem(loaded.origin("response", worse), message, "response-order"))
    return out
