"""The dashboard of a service's objectives: for each its budget, its share of bad, burn rates, and what was counted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql, slo, unit
from llmmon.lower import text
from llmmon.lower.slos.objective import TARGET, errors, left
from llmmon.lower.slos.shown import SHOWN
from llmmon.lower.slos.sides import operation
from llmmon.plan import Panel, Query, Row, Threshold
from llmmon.plan import shapes as sh
from llmmon.plan.indicators import of_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from llmmon.lower.scope import Scope
    from llmmon.lower.slos.objective import Objective
    from llmmon.plan import Alert
    from llmmon.plan.dashboards import Kind

BOARD = "objectives"


def rows(objectives: Sequence[Objective], alerts: Sequence[Alert], scope: Scope) -> Iterator[Row]:
    """A row for each objective."""
    for objective in objectives:
        watching = {a.name: a.annotations["runbook_url"] for a in alerts if a.labels.get("slo") == objective.name}
        board = _Board(objective, scope, tuple(sorted(watching.items())))
        percent = f"{unit.number(objective.written.objective * 100)}%"
        title = text.words(objective.name)
        over = duration.text(objective.written.window)
        yield Row(f"{title[:1].upper() + title[1:]}: {percent} over {over}", tuple(board.panels()))


class _Board:
    def __init__(self, objective: Objective, scope: Scope, watching: tuple[tuple[str, str], ...]) -> None:
        self.objective, self.scope, self.watching = objective, scope, watching
        self.written = objective.written
        self.budget = 1 - objective.written.objective
        self.by = " ".join(f"{{{{{name}}}}}" for name in objective.keeps)

    def panels(self) -> Iterator[Panel]:
        """From the promise to what was counted for it."""
        window, over = self.written.window, duration.text(self.written.window)
        target = self.objective.place.recorder.text(TARGET, self.scope, **self.objective.labels)
        yield self._panel("Objective", "stat", (Query(target, "objective"),), "What is promised.", "ratio")
        used_up = (Threshold(Decimal(0), "warning", below=True),)
        budget = Query(self._series(left(window)), self.by or "left")
        words = f"What is left of the error budget of {over}; below 0 the objective is missed."
        yield self._panel("Budget left now", "stat", (budget,), words, "ratio", used_up, told=True)
        now = Query(f"{self._series(errors(SHOWN))} / {unit.number(self.budget)}", self.by or duration.text(SHOWN))
        words_now = f"How many times too fast the budget is used up, over {duration.text(SHOWN)}."
        yield self._panel("Burn rate now", "stat", (now,), words_now, None, (Threshold(Decimal(1), "warning"),))
        yield self._panel("Alerts firing", "stat", (self._firing(),), "Alerts on this objective.", None)
        yield self._panel("Budget left", "timeseries", (budget,), words, "ratio", used_up, told=True)
        yield self._errors(window)
        yield self._burning()
        yield self._counted()

    def _errors(self, window: timedelta) -> Panel:
        queries = tuple(
            Query(self._series(errors(each)), f"{duration.text(each)} {self.by}".strip()) for each in (SHOWN, window)
        )
        words = f"{self.objective.found.help} The line is what the objective allows."
        lines = (Threshold(self.budget, "target"),)
        return self._panel("Bad against the objective", "timeseries", queries, words, "ratio", lines)

    def _burning(self) -> Panel:
        chosen = slo.windows(slo.pairs(self.written.window, self.budget))
        queries = tuple(
            Query(
                f"{self._series(errors(each))} / {unit.number(self.budget)}",
                f"{duration.text(each)} {self.by}".strip(),
            )
            for each in chosen
        )
        words = "How many times too fast the budget is used up, by window. At 1 it is gone when its window ends."
        lines = (Threshold(Decimal(1), "target"),)
        return self._panel("Burn rates", "timeseries", queries, words, None, lines, told=True)

    def _counted(self) -> Panel:
        what = self.objective.found.what
        sides = tuple(
            Query(self._series(f"{side}:{operation(what)}"), f"{name} {self.by}".strip())
            for side, name in (("bad", "bad"), ("total", "all"))
        )
        title, words, of = "Bad and all events", "What is counted, per second.", "events/s"
        if not of_events(what):
            of_slices = isinstance(what, sh.Slices)
            title = "Bad and all slices" if of_slices else "Bad and all moments"
            words, of = "What is counted: at each moment 1, or a part of it, that is bad.", "1"
        return self._panel(title, "timeseries", sides, words, of)

    def _firing(self) -> Query:
        picked = {"alertstate": "firing", **self.scope.recorded, "slo": self.objective.name}
        return Query(f"count({promql.selector('ALERTS', picked)}) or vector(0)", "firing")

    def _series(self, tail: str) -> str:
        name = self.objective.series(tail)
        return self.objective.place.recorder.text(name, self.scope, **self.objective.labels)

    def _panel(
        self,
        title: str,
        kind: Kind,
        queries: tuple[Query, ...],
        words: str,
        of: str | None,
        lines: tuple[Threshold, ...] = (),
        told: bool = False,
    ) -> Panel:
        return Panel(
            key=f"{self.objective.name}/{title}",
            title=title,
            description=words,
            kind=kind,
            queries=queries,
            unit=unit.grafana(of),
            thresholds=lines,
            alerts=self.watching if told else (),
            mapping={},
            stacked=False,
            minimum=None,
            maximum=None,
            decimals=None,
            width=None,
            height=None,
            origin=self.objective.origin,
        )
