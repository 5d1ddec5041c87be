"""What an alert reads, and the panels that show the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.plan import Alert, Panel, Recording, Rules, Service

Series = tuple[str, str]

_OF_THE_SCOPE = ("service", "environment")
_OBJECTIVES = ("slo", "budget")  # labels that tell the recorded series of one objective from those of another


def reads(rules: Rules, alerts: Iterable[Alert]) -> list[tuple[str, promql.Expr]]:
    """The recorded series that these alerts read, each once and as they name it, with how they are recorded."""
    out: dict[str, promql.Expr] = {}
    for alert in alerts:
        for selector in _selectors(alert.expr):
            for recording in rules.recordings:
                if _is(recording, selector):
                    out[_shown(recording)] = recording.expr
    return list(out.items())


def panels(service: Service, alerts: Iterable[Alert]) -> list[tuple[str, str, list[str]]]:
    """Title and uid of each dashboard that shows what these alerts watch, and the titles of its panels that do."""
    known = tuple(alerts)
    names = {alert.name for alert in known}
    series = {item for alert in known for item in _objectives(alert.expr)}
    out = []
    for board in service.dashboards:
        titles = [panel.title for row in board.rows for panel in row.panels if _shows(panel, names, series)]
        if titles:
            out.append((board.title, board.uid, list(dict.fromkeys(titles))))
    return out


def _shows(panel: Panel, names: set[str], series: set[Series]) -> bool:
    if any(name in names for name, _ in panel.alerts):
        return True
    return bool(series) and any(series & set(_queried(query.expr)) for query in panel.queries)


def _queried(text: str) -> Iterator[Series]:
    """Nothing where Grafana's variables stand outside of strings: recorded series are shown without such."""
    try:
        yield from _objectives(promql.parse(text))
    except promql.PromqlError:
        return


def _objectives(expr: promql.Expr) -> Iterator[Series]:
    for selector in _selectors(expr):
        for matcher in selector.matchers:
            if matcher.label in _OBJECTIVES and matcher.op == "=" and (selector.name or "").startswith("service"):
                yield matcher.label, matcher.value


def _selectors(expr: promql.Expr) -> Iterator[promql.Selector]:
    return (node for node in promql.walk(expr) if isinstance(node, promql.Selector))


def _is(recording: Recording, selector: promql.Selector) -> bool:
    wanted = {matcher.label: matcher.value for matcher in selector.matchers if matcher.op == "="}
    return recording.name == selector.name and all(
        wanted.get(label, value) == value for label, value in recording.labels.items()
    )


def _shown(recording: Recording) -> str:
    return promql.selector(recording.name, {k: v for k, v in recording.labels.items() if k not in _OF_THE_SCOPE})
