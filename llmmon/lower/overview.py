"""The overview that each service gets: its objectives, golden signals, trends, what fills up, and all other signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import replace
from llmmon.lower import text
from llmmon.lower.trends import PREFIX
from llmmon.plan import Panel, Query, Row, Signal, Threshold
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.lower.dashboards import Maker
    from llmmon.lower.trends import Shown
    from llmmon.plan.dashboards import Kind

_GOLDEN = ("requests", "errors", "latency", "ttft", "itl", "saturation", "queue", "inflight", "kv_usage", "spend")
_ROWS = ("Objectives", "Golden signals", "Trends", "Capacity", "Signals")


def rows(maker: Maker) -> Iterator[Row]:
    """The rows that have panels."""
    found: dict[str, list[Panel]] = {title: [] for title in _ROWS}
    families = maker.first.signals.variants
    order = {role: i for i, role in enumerate(_GOLDEN)}
    for role in sorted(families, key=lambda role: (order.get(role, len(order)), role)):
        signal = next(iter(families[role].values()))
        if role.startswith(("slo_", "budget_")):
            shown = [variant for variant in families[role] if variant in ("left", "used")]
            found["Objectives"] += [_panel(maker, f"{role}.{variant}", families[role][variant]) for variant in shown]
        elif not role.startswith(PREFIX):
            further = "Capacity" if isinstance(signal.measure, sh.Usage) else "Signals"
            found["Golden signals" if role in order else further].append(_panel(maker, role, signal))
    for name, trend in maker.first.trends.items():
        found["Trends" if trend.written.versus else "Capacity"] += _trend(maker, name, trend)
    for title, panels in found.items():
        if panels:
            yield Row(title, tuple(panels))


def _panel(maker: Maker, reference: str, signal: Signal) -> Panel:
    origin = next(iter(maker.first.signals.variants[reference.partition(".")[0]].values())).origin
    family = maker.first.signals.family(reference, origin) or (signal,)
    kind: Kind = "stat" if reference.startswith(("slo_", "budget_")) else "timeseries"
    title = text.words(reference.removesuffix(".left").removesuffix(".used"))
    return maker.of_signals(reference, title[:1].upper() + title[1:], family, None, kind, None, origin)


def _trend(maker: Maker, name: str, trend: Shown) -> Iterator[Panel]:
    """Now and then with their ratio; or growth; or the use with its forecast, and the time that is left."""
    written = trend.written
    title = text.words(name)[:1].upper() + text.words(name)[1:]
    if written.versus is not None:
        ago = f"{duration.text(written.versus)} ago"
        value = maker.first.recorder.value(trend.signal, trend.by, maker.scope)
        labels = " ".join(f"{{{{{label.name}}}}}" for label in trend.by)
        then = Query(f"{value} offset {duration.text(written.versus)}", f"{ago} {labels}".strip())
        yield _with(_use(maker, name, f"{title}: now and {ago}", trend), (then,), ())
        words = f"as a share of {ago}"
    elif written.until is not None:
        goal = text.number(written.until.value, trend.signal.unit)
        ahead = tuple(maker.query(item, item.by, "timeseries", None, True) for item in trend.recorded[:-1])
        limit = Threshold(written.until.value, "target")
        yield _with(_use(maker, name, f"{title}: use and forecast", trend), ahead, (limit,))
        words = f"time until {goal}"
    else:
        assert written.per is not None
        words = f"growth in {duration.text(written.per)}"
    last = trend.recorded[-1]
    yield maker.of_signals(last.role, f"{title}: {words}", (last,), None, "timeseries", None, last.origin)


def _use(maker: Maker, name: str, title: str, trend: Shown) -> Panel:
    by = {label.name: label.source for label in trend.by}
    origin = trend.recorded[0].origin
    return maker.of_signals(f"{PREFIX}{name}", title, (trend.signal,), None, "timeseries", by, origin)


def _with(panel: Panel, queries: tuple[Query, ...], lines: tuple[Threshold, ...]) -> Panel:
    thresholds = tuple(sorted({*panel.thresholds, *lines}, key=lambda line: line.value))
    return replace(panel, queries=(*panel.queries, *queries), thresholds=thresholds)
