"""A selector that names no metric.

`{job="api"}` reads every series of the job: hundreds of metrics, of which an expression means one. Prometheus finds
them all through one index, and what the next release adds changes the result.

Bad:

    sum({job="api"})

    count({job=~"api.*",instance!=""})

Good:

    sum(up{job="api"})

    count({__name__=~"app_.*",job="api"})

    {__name__="up",job="api"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    del facts
    if selector.name is None and not any(matcher.label == "__name__" for matcher in selector.matchers):
        message = "this reads every metric of these series: name one, or write __name__=~ for several"
        yield Finding("Q012", message, selector.span)


RULE = Rule(Selector, check, {"Q012": Level.WARNING}, peers=("promruval expressionSelectsMetricByName",))
