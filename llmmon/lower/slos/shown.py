"""What panels may show of an objective: `slo_availability.left`, `slo_availability.errors`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.lower.slos.objective import errors, left
from llmmon.plan import Signal
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.slos.objective import Objective

SHOWN = timedelta(hours=1)  # what panels show of the error ratio


def show(objective: Objective) -> None:
    """Signals of the budget that is left and of the share of bad."""
    name, over = objective.name, duration.text(objective.written.window)
    for variant, tail, words in (
        ("left", left(objective.written.window), f"Error budget left of {name}, over {over}."),
        ("errors", errors(SHOWN), f"Share of bad events for {name}, over {duration.text(SHOWN)}."),
    ):
        role = f"slo_{name}.{variant}"
        measure = sh.Expression(objective.text(tail))
        signal = Signal(role, measure, objective.found.by, "ratio", words, objective.origin)
        objective.place.signals.variants.setdefault(f"slo_{name}", {})[variant] = signal
        objective.place.recorder.named[role] = (objective.series(tail), objective.labels)
