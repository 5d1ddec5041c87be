"""The shape of OpenSLO v1, after its specification: there is no schema of it that a Python program could read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from llmmon.shape import FULL, NAME, Each, Either, text

_LABEL = text(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", "key of a label")
_DURATION = text(r"[1-9][0-9]*[mhdwMQY]", "duration with one unit")
_METADATA = {"name!": NAME, "displayName": FULL, "labels": Each(_LABEL, FULL)}
_SOURCE = {"metricSource!": {"metricSourceRef": NAME, "type": FULL, "spec!": {"query!": FULL}}}
_RATIO = Either(
    (
        {"counter!": bool, "good!": _SOURCE, "total!": _SOURCE},
        {"counter!": bool, "bad!": _SOURCE, "total!": _SOURCE},
        {"rawType!": text("success|failure", "kind of ratio"), "raw!": _SOURCE},
    )
)
_NUMBER = Either((float, int))
_OBJECTIVE = {
    "displayName": FULL,
    "op": text("lte|gte|lt|gt", "operator"),
    "value": _NUMBER,
    "target!": float,
    "timeSliceTarget": float,
    "timeSliceWindow": _DURATION,
    "indicatorRef": NAME,
    "compositeWeight": _NUMBER,
}
_SPECS: dict[str, Any] = {
    "Service": {"description": FULL},
    "SLI": Either(({"description": FULL, "ratioMetric!": _RATIO}, {"description": FULL, "thresholdMetric!": _SOURCE})),
    "SLO": {
        "description": FULL,
        "service!": NAME,
        "indicatorRef": NAME,
        "timeWindow!": [{"duration!": _DURATION, "isRolling!": bool}],
        "budgetingMethod!": text("Occurrences|Timeslices|RatioTimeslices", "method"),
        "objectives!": [_OBJECTIVE],
    },
}


def shape(kind: str) -> Any:
    """Of a whole document."""
    head = {"apiVersion!": text("openslo/v1", "version"), "kind!": text(kind, "kind"), "metadata!": _METADATA}
    return {**head, "spec!": _SPECS[kind]}


def rules(document: dict[str, Any]) -> list[str]:
    """What the specification says of values."""
    out = []
    spec = document["spec"]
    for objective in spec.get("objectives", ()):
        if not 0 <= Decimal(str(objective["target"])) < 1:
            out.append("target is from 0 to less than 1")
        if spec["budgetingMethod"] == "Timeslices" and not {"timeSliceTarget", "timeSliceWindow"} <= objective.keys():
            out.append("slices have a target and a window")
        if ("indicatorRef" in spec) == ("indicatorRef" in objective):
            out.append("an indicator is the SLO's, or in a composite each objective's")
    if len(spec.get("description", "")) > 1050:
        out.append("a description has at most 1050 characters")
    return out
