"""How values look: thresholds, value mappings, and colours that mean the same on every dashboard."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from llmmon.targets.grafana.parts import Threshold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from llmmon.plan import Panel
    from llmmon.plan import Threshold as Planned

COLOURS = {"critical": "red", "warning": "orange", "info": "yellow", "target": "blue"}
RANKS = {"critical": 3, "warning": 2, "info": 1, "target": 0}
CALM, NEUTRAL, MET = "green", "text", "green"
LINES = frozenset({"timeseries", "barchart"})  # a threshold is a line there, elsewhere it colours the value
SERIES = (  # the first that matches a legend without labels
    (re.compile(r"\b(target|objective|limit)\b"), "blue"),
    (re.compile(r"\b(errors?|fail(ed|ures?)|5xx)\b"), "red"),
    (re.compile(r"\b(p50|median)\b"), "super-light-purple"),
    (re.compile(r"\b(p75|p90)\b"), "light-purple"),
    (re.compile(r"\bp95\b"), "purple"),
    (re.compile(r"\bp99(\.\d+)?\b"), "dark-purple"),
)
DASHED = "blue"
BY_SERIES = frozenset({"timeseries", "barchart", "piechart"})  # elsewhere the colour is the value's
GREY = "#808080"


def number(value: Decimal) -> int | float:
    """A decimal as JSON has it."""
    return int(value) if value == value.to_integral_value() else float(value)


def optional(value: Decimal | None) -> int | float | None:
    """A decimal as JSON has it, if there is one."""
    return None if value is None else number(value)


def steps(panel: Panel) -> list[Threshold]:
    """Grafana's threshold steps: each has a colour, which holds up to the next step; the first has no value."""
    return _line_steps(panel.thresholds) if panel.kind in LINES else _value_steps(panel.thresholds)


def line_style(panel: Panel) -> str:
    """Whether the thresholds are drawn: full lines for alerts, dashed where there are only targets."""
    if not panel.thresholds:
        return "off"
    return "dashed" if all(t.severity == "target" for t in panel.thresholds) else "line"


def mappings(panel: Panel) -> list[dict[str, Any]]:
    """The plan's mapping, and words for what is no number: a ratio or a quantile of nothing is NaN."""
    known = {
        value: {"color": colour, "index": index, "text": text}
        for index, (value, (text, colour)) in enumerate(panel.mapping.items())
    }
    nothing = {"match": "nan", "result": {"color": GREY, "index": len(known), "text": "No traffic"}}
    return [
        *([{"options": known, "type": "value"}] if known else []),
        {"options": nothing, "type": "special"},
    ]


def overrides(panel: Panel) -> list[dict[str, Any]]:
    """Fixed colours for errors, percentiles and targets, by query; none where two queries would look the same."""
    if panel.kind not in BY_SERIES:
        return []
    colours = [_series_colour(query.legend) for query in panel.queries]
    return [
        {"matcher": _matcher(panel, index), "properties": _painted(colour, panel.kind == "timeseries")}
        for index, colour in enumerate(colours)
        if colour and colours.count(colour) == 1
    ]


def ref_id(index: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    first, last = divmod(index, 26)
    return (ref_id(first - 1) if first else "") + chr(ord("A") + last)


def _line_steps(thresholds: Sequence[Planned]) -> list[Threshold]:
    """Every line in the colour of its own severity; of two at one place the worse."""
    lines: dict[Decimal, Planned] = {}
    for threshold in sorted(thresholds, key=lambda t: RANKS[t.severity]):
        lines[threshold.value] = threshold
    drawn = [Threshold(COLOURS[lines[value].severity], number(value)) for value in sorted(lines)]
    return [Threshold(CALM if lines else NEUTRAL, None), *drawn]


def _value_steps(thresholds: Sequence[Planned]) -> list[Threshold]:
    """The worst severity that holds between each two thresholds; a target colours only where no alert does."""
    if not thresholds:
        return [Threshold(NEUTRAL, None)]
    alerts = [t for t in thresholds if t.severity != "target"]
    shown, calm = (alerts, CALM) if alerts else (thresholds, NEUTRAL)
    starts = [None, *sorted({t.value for t in shown})]
    colours = [_colour(shown, start, calm) for start in starts]
    changes = [
        Threshold(colour, optional(start))
        for (before, colour), start in zip(pairwise(colours), starts[1:], strict=True)
        if colour != before
    ]
    return [Threshold(colours[0], None), *changes]


def _colour(thresholds: Sequence[Planned], start: Decimal | None, calm: str) -> str:
    holding = [t for t in thresholds if _holds(t, start)]
    if not holding:
        return calm
    worst = max(holding, key=lambda t: RANKS[t.severity]).severity
    return MET if worst == "target" else COLOURS[worst]


def _holds(threshold: Planned, start: Decimal | None) -> bool:
    if start is None:
        return threshold.below
    return start < threshold.value if threshold.below else start >= threshold.value


def _series_colour(legend: str) -> str | None:
    if "{{" in legend:
        return None
    return next((colour for words, colour in SERIES if words.search(legend.lower())), None)


def _matcher(panel: Panel, index: int) -> dict[str, str]:
    """A bar chart reads one table, whose columns have lost their query and have its legend as name."""
    if panel.kind == "barchart":
        return {"id": "byName", "options": panel.queries[index].legend}
    return {"id": "byFrameRefID", "options": ref_id(index)}


def _painted(colour: str, lines: bool) -> list[dict[str, Any]]:
    properties: list[dict[str, Any]] = [{"id": "color", "value": {"fixedColor": colour, "mode": "fixed"}}]
    if lines and colour == DASHED:
        properties.append({"id": "custom.lineStyle", "value": {"dash": [10, 10], "fill": "dash"}})
    return properties
