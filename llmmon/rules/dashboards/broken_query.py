"""PromQL on a dashboard that does not parse, whatever values the variables have.

The panel shows an error instead of a graph. Variables are put in as Grafana would, each as a value of its kind: a
duration in brackets, a label's value in a string, a name, a number. A query that is hidden is not asked.

Bad:

    sum(rate(app_requests_total[5m])

    sum(app_requests_total[$__rate_interval])

Good:

    sum(rate(app_requests_total[$__rate_interval]))

    app_requests_total{job="${__user.login}"}

    rate(app_requests_total[${__range_s}s])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import metricsql
from llmmon.documents.dashboards import Query
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import PromqlError
    from llmmon.rule import Facts


_FLAG = "--enable-feature"
_OF_THE_PAST = "it went with Prometheus"  # and may be what is asked


def check(query: Query, facts: Facts) -> Iterator[Finding]:
    error = None if query.use == "variable" or query.hidden else query.error
    if error and not _may_be_taken(error, facts):
        level = Level.NOTE if _OF_THE_PAST in error.message else None
        start = error.span[0] - query.begin
        escaped = query.text[start : start + 2] in ("\\'", '\\"')
        reason = "a backslash is too many before this quote, leave it out" if escaped else error.message
        yield Finding("D025", f"PromQL does not parse: {reason}", error.span, level=level)


def _may_be_taken(error: PromqlError, facts: Facts) -> bool:
    """Whether a server that the run names, or one with a flag, may take what this refuses."""
    return _FLAG in error.message or (metricsql.is_provisioned(facts) and metricsql.may_take(error))


RULE = Rule(Query, check, {"D025": Level.ERROR}, peers=("dashboard-linter target-promql-rule", "mixtool"))
