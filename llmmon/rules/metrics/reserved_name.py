"""A metric that has a name or a label of the parts of a histogram or a summary.

`histogram_quantile` reads `_bucket` by `le`; whatever else is called so is taken for a part of a histogram.

Bad:

    app_events_count: gauge

    # HELP app_size Size.
    # TYPE app_size gauge
    app_size{le="10"} 1

Good:

    app_events: gauge

    # HELP app_size Size.
    # TYPE app_size histogram
    app_size_bucket{le="+Inf"} 1
    app_size_sum 1
    app_size_count 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, MetricDeclaration, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_PARTS = {"_bucket": ("histogram",), "_count": ("histogram", "summary"), "_sum": ("histogram", "summary")}
_LABELS = {"le": "histogram", "quantile": "summary"}


def check(metric: MetricDeclaration, facts: Facts) -> Iterator[Finding]:
    del facts
    if metric.misnamed or metric.type is None:
        return
    for ending, kinds in _PARTS.items():
        if metric.name.endswith(ending) and metric.type not in kinds:
            message = f"{metric.name} is a {metric.type}, and {ending} is for parts of a {kinds[-1]}: rename it"
            yield Finding("M006", message)
    for label, kind in _LABELS.items():
        if label in metric.labels and metric.type != kind:
            message = f"{metric.name} is a {metric.type} with the label {label}, which is for a {kind}: rename it"
            yield Finding("M006", message)


RULE = Rule(MetricDeclaration, check, {"M006": Level.WARNING}, peers=("promtool check metrics",))
