"""Rule files that vmalert reads, as far as one can see: MetricsQL takes more than PromQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmmon.problem import Positioned
    from llmmon.promql import PromqlError
    from llmmon.rule import Facts

_IN_PATHS = ("metricsql", "victoria", "vmalert", "vmanomaly", "vmrule")
_IN_TEXTS = ("MetricsQL", "VMAlert", "VMRule", "vmalert")
# What no dialect takes: something is begun and not ended, or ended and not begun.
_HALF = ("unclosed", "unexpected end of input", "unexpected right", "unterminated")


def is_meant(document: Positioned) -> bool:
    """Whether a file says that it is for VictoriaMetrics."""
    path = document.path.lower()
    return any(word in path for word in _IN_PATHS) or any(word in document.text for word in _IN_TEXTS)


def is_provisioned(facts: Facts) -> bool:
    """Whether a data source of the run is VictoriaMetrics, by its name or its address."""
    return any("victoria" in name.lower() for name in facts.sources)


def may_take(error: PromqlError) -> bool:
    """Whether VictoriaMetrics may take what Prometheus refuses for this reason."""
    return not error.message.startswith(_HALF)
