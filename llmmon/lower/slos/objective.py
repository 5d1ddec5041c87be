"""One objective in one environment: what it counts, and the series that are recorded for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import frozen

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel, Signal
    from llmmon.plan import shapes as sh
    from llmmon.problem import Origin
    from llmmon.spec import slos as spec

TARGET = "service:slo_objective_ratio:target"
BASE = timedelta(minutes=5)  # of the rates that longer windows add up


@frozen
class Found:
    """What a signal counts for an objective: `measure` is what tests bring to a level, `signals` what is recorded."""

    what: sh.Indicator
    measure: sh.Measure
    by: tuple[ByLabel, ...]
    category: str
    help: str
    signals: tuple[Signal, ...] = ()


@frozen
class Objective:
    """An objective with its indicator; `revision` changes with what is counted, so that budgets never mix."""

    name: str
    written: spec.SLO
    found: Found
    revision: str
    origin: Origin
    place: Place
    bundle: str  # rules that share a group
    first: str  # and those of bad and total, which a composite reads as well

    @property
    def keeps(self) -> tuple[str, ...]:
        """The labels that each of its series has besides the static ones."""
        return tuple(label.name for label in self.found.by)

    @property
    def labels(self) -> dict[str, str]:
        """What picks its series."""
        return {"slo": self.name, "revision": self.revision}

    def series(self, tail: str) -> str:
        """`service_model:slo_bad:rate5m`."""
        return f"{'_'.join(('service', *self.keeps))}:slo_{tail}"

    def record(self, tail: str, expression: str, first: bool = False) -> str:
        """A recording rule; gives the selector of what it records."""
        bundle = self.first if first else self.bundle
        name = self.series(tail)
        self.place.recorder.add(name, expression, None, bundle, self.keeps, self.origin, **self.labels)
        return self.text(tail)

    def record_target(self, expression: str) -> None:
        """The objective itself, which is the same for all labels."""
        self.place.recorder.add(TARGET, expression, None, self.bundle, (), self.origin, **self.labels)

    def text(self, tail: str) -> str:
        """A selector of one of its series."""
        return self.place.recorder.text(self.series(tail), None, **self.labels)


def errors(window: timedelta) -> str:
    """The name of the recorded share of bad over a window."""
    return f"errors_ratio:rate{duration.text(window)}"


def left(window: timedelta) -> str:
    """The name of the recorded budget that is left."""
    return f"budget_left_ratio:rate{duration.text(window)}"
