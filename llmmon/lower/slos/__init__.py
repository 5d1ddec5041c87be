"""Objectives: event-weighted error ratios over every window, budgets, and what is told of them.

Bad and total are recorded separately; longer windows are sums of both, divided last. A mean of ratios would weigh a
night's ten requests like a day's million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration, slo, unit
from llmmon.lower.slos import alerts, sides
from llmmon.lower.slos.absent import absent
from llmmon.lower.slos.composite import composite
from llmmon.lower.slos.indicators import indicator
from llmmon.lower.slos.objective import BASE, Objective, errors, left
from llmmon.lower.slos.revision import revision
from llmmon.lower.slos.shown import SHOWN, show
from llmmon.lower.watching import lower_guard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from llmmon.lower.place import Place
    from llmmon.lower.slos.sides import Sides
    from llmmon.problem import Origin
    from llmmon.spec import slos as spec


def lower_slos(place: Place) -> None:
    """Recording rules and alerts of every objective, and signals for panels."""
    found = {objective.name: objective for objective in _objectives(place)}
    for objective in found.values():
        recorded = sides.record(objective, found)
        chosen = slo.pairs(objective.written.window, 1 - objective.written.objective)
        _windows(objective, recorded, chosen)
        show(objective)
        _tell(objective, recorded, chosen)
    absent(found.values(), place)
    place.objectives.extend(found.values())


def _objectives(place: Place) -> Iterator[Objective]:
    """Those that count something of their own first: composites add them up."""
    written = place.service.spec.slos
    whole = {part: name for name, one in written.items() for part in one.parts or ()}
    made: dict[str, Objective] = {}
    for name in sorted(written, key=lambda name: written[name].parts is not None):
        one, origin = written[name], place.service.origin("slos", name)
        found = composite(one, made, origin, place) if one.parts is not None else indicator(name, one, origin, place)
        if found is None or not _can_be_told(one, origin, place):
            continue
        text = one.revision or revision(found, place.environment.selector)
        first = f"slo/{whole.get(name, name)}"
        made[name] = Objective(name, one, found, text, origin, place, f"slo/{name}", first)
        yield made[name]


def _can_be_told(written: spec.SLO, origin: Origin, place: Place) -> bool:
    """Whether there are windows in which somebody is told before the objective is missed."""
    budget = 1 - written.objective
    if place.is_short(BASE, origin):
        return False
    if slo.pairs(written.window, budget):
        return True
    if slo.pairs(written.window, budget / 1000):
        message = (
            f"an objective of {unit.number(written.objective * 100)}% over {duration.text(written.window)} leaves "
        )
        message += "so much that nothing burns it too fast: write a higher objective, or a shorter window"
        place.names.add(origin.at("objective"), message, "loose-objective")
    else:
        message = f"{duration.text(written.window)} is too short: an objective would be missed before anybody is told; "
        place.names.add(origin.at("window"), f"{message}write 3d or more", "short-window")
    return False


def _windows(objective: Objective, recorded: Sides, chosen: tuple[slo.Pair, ...]) -> None:
    """The share of bad over every window that alerts or panels look at, and what is left of the budget."""

    def ratio(window: timedelta) -> str:
        bad, total = recorded.bad, recorded.total
        if window != recorded.rate:
            over = duration.text(window)
            bad, total = f"sum_over_time({bad}[{over}])", f"sum_over_time({total}[{over}])"
        return objective.record(errors(window), f"{bad} / ({total} > 0)", first=window == recorded.rate)

    for window in slo.windows(chosen):
        ratio(window)
    ratio(SHOWN)
    written = objective.written
    budget = unit.number(1 - written.objective)
    objective.record(left(written.window), f"1 - {ratio(written.window)} / {budget}")
    objective.record_target(f"vector({unit.number(written.objective)})")


def _tell(objective: Objective, recorded: Sides, chosen: tuple[slo.Pair, ...]) -> None:
    place, by = objective.place, objective.found.by
    guard = lower_guard(objective.written, by, objective.origin, place)
    made = [*(alerts.burn(objective, pair, guard) for pair in chosen), alerts.exhausted(objective, recorded)]
    place.alerts.extend(alert for alert in made if alert)
