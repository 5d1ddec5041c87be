"""A metric whose labels make series without end, or are what the scrape sets.

Each value of a label is a series of its own, for as long as the server runs, so it is not for people, addresses or
requests. `job` and `instance` come from the scrape
and rename what the page calls so to `exported_job`.

Bad:

    # HELP app_requests_total Requests.
    # TYPE app_requests_total counter
    app_requests_total{job="app"} 1

Good:

    # HELP app_requests_total Requests.
    # TYPE app_requests_total counter
    app_requests_total{status="ok"} 1

    app_requests_total: counter
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import UNBOUNDED, Finding, MetricDeclaration, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_TARGET = frozenset(("instance", "job"))
_MANY = 10_000  # series of one metric of one target
_SOME = 20  # values of a label that show that there will be more


def check(metric: MetricDeclaration, facts: Facts) -> Iterator[Finding]:
    del facts
    if metric.series > _MANY:
        message = f"{metric.name} has {metric.series:,} series on one target: leave out the label with the most values"
        yield Finding("M012", message)
    for label, values in metric.labels.items():
        if label in UNBOUNDED and values is not None and values >= _SOME:
            message = f"{metric.name} has {values} values of {label} already: leave the label out, and log it instead"
            yield Finding("M017", message)
    for label in sorted(_TARGET & metric.labels.keys()) if not metric.target_labels else ():
        message = f"the label {label} of {metric.name} becomes exported_{label} when it is scraped: rename it"
        yield Finding("M014", message)


RULE = Rule(
    MetricDeclaration,
    check,
    {"M012": Level.WARNING, "M017": Level.WARNING, "M014": Level.WARNING},
    advice=frozenset(("M012", "M017", "M014")),
)
