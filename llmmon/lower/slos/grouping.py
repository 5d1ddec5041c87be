"""The labels of which each value has a budget of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lower.signals import by_labels, selectors
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel, Signal
    from llmmon.problem import Origin
    from llmmon.promql import Selector
    from llmmon.spec import slos as spec


def grouping(
    written: spec.SLO, measures: Sequence[sh.Measure], origin: Origin, place: Place
) -> tuple[ByLabel, ...] | None:
    """The labels as the spec names them; None where there are no such series."""
    by = labels(written, origin, place)
    return by if place.names.grouping(by, read(measures), origin.at("by")) else None


def of_value(signal: Signal, written: spec.SLO, origin: Origin, place: Place) -> tuple[ByLabel, ...] | None:
    """The same for one value: an expression of the user's own keeps what it keeps."""
    if not isinstance(signal.measure, sh.Expression):
        return grouping(written, (signal.measure,), origin, place)
    if written.by is None or labels(written, origin, place) == signal.by:
        return signal.by
    message = f"{signal.role} is an expression of its own, which by: cannot regroup: leave it out"
    place.names.add(origin.at("by"), message, "fixed-grouping")
    return None


def labels(written: spec.SLO, origin: Origin, place: Place) -> tuple[ByLabel, ...]:
    """What `by:` says; `revision` is taken."""
    by = by_labels(written.by or {}, place.names, origin.at("by"))
    if any(label.name == "revision" for label in by):
        message = "'revision' tells the budgets of an objective apart: write by: {series_revision: revision}"
        place.names.add(origin.at("by"), message, "reserved-label")
    return by


def read(measures: Sequence[sh.Measure]) -> tuple[Selector, ...]:
    """The selectors of all of them."""
    return tuple(selector for measure in measures for selector in selectors(measure))
