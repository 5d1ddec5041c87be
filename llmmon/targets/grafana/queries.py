"""What a panel asks Prometheus, and how the answers of several queries become one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.targets.grafana.fields import ref_id
from llmmon.targets.grafana.parts import Target

if TYPE_CHECKING:
    from llmmon.plan import Panel, Query

TABULAR = frozenset({"table", "barchart"})  # they read columns, not series


def target(planned: Panel, query: Query, index: int) -> Target:
    """Exemplars where single requests left one: in the buckets of a histogram of seconds."""
    tabular = planned.kind in TABULAR
    heatmap = query.heatmap or planned.kind == "heatmap"
    return Target(
        expr=query.expr,
        refId=ref_id(index),
        legendFormat=query.legend or ("{{le}}" if heatmap else "__auto"),
        format="heatmap" if heatmap else "table" if tabular else "time_series",
        instant=query.instant or tabular,
        exemplar=planned.kind == "timeseries" and planned.unit == "s" and "_bucket" in query.expr and not query.instant,
    )


def columns(planned: Panel) -> list[dict[str, Any]]:
    """One table from all queries, without the time, its value columns named as the legends."""
    names: dict[str, str] = {}
    for index, query in enumerate(planned.queries):
        if query.legend and "{{" not in query.legend:
            names |= {f"Value #{ref_id(index)}": query.legend}
            names |= {"Value": query.legend} if len(planned.queries) == 1 else {}
    hidden = {"Time": True, "__name__": True}
    organize = {"id": "organize", "options": {"excludeByName": hidden, "indexByName": {}, "renameByName": names}}
    return [{"id": "merge", "options": {}}, organize] if len(planned.queries) > 1 else [organize]
