"""What is told of an objective: its budget burns too fast, is used up, or nothing measures it any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, slo, unit
from llmmon.lower import text
from llmmon.lower.rule import rule
from llmmon.lower.slos import objective as names
from llmmon.lower.watching import guard_text
from llmmon.plan import shapes as sh
from llmmon.plan.indicators import of_events

if TYPE_CHECKING:
    from llmmon.lower.slos.objective import Objective
    from llmmon.lower.slos.sides import Sides
    from llmmon.plan import Alert

BURN, EXHAUSTED = "SLOErrorBudgetBurn", "SLOErrorBudgetExhausted"
_HOUR = timedelta(hours=1)


def burn(objective: Objective, pair: slo.Pair, guard: sh.Guard | None) -> Alert | None:
    """The budget burns too fast over both windows of a pair."""
    written, place = objective.written, objective.place
    budget = 1 - written.objective
    factor = pair.factor(written.window)
    limit = unit.number(factor * budget)
    long, short = (objective.text(names.errors(window)) for window in (pair.long, pair.short))
    what = sh.Burn(factor, pair.long, pair.short, budget, objective.found.what)
    words = f"{place.scope.service} {text.condition(what, None)} ({_named(objective)})"
    return rule(
        place,
        name=BURN,
        expression=f"{long} > {limit} and {short} > {limit}{_floor(objective, guard)}",
        shape=sh.Shape(objective.found.measure, objective.found.by, what, guard),
        severity=pair.severity,
        category=objective.found.category,
        hold=pair.hold,
        keep=timedelta(0),
        summary=_summary(objective, words),
        description=f"{text.go_literal(objective.found.help)} Now {unit.humanize('ratio')} of {_unit(objective)} "
        f"over {duration.text(pair.long)}; {_allowed(objective)}.",
        of="ratio",
        origin=objective.origin,
        variant=f"{objective.name}-{pair.name}",
        board="objectives",
        slo=objective.name,
        revision=objective.revision,
        window=duration.text(pair.long),
    )


def exhausted(objective: Objective, sides: Sides) -> Alert | None:
    """Nothing is left of the budget, and it has been measured for long enough; whatever the traffic is now."""
    written, place = objective.written, objective.place
    what = sh.Exhausted(1 - written.objective, written.window, objective.found.what)
    known = f"present_over_time({sides.total}[1h] offset {duration.text(what.since)})"
    left = objective.text(names.left(written.window))
    words = f"{place.scope.service} {text.condition(what, None)} ({_named(objective)})"
    return rule(
        place,
        name=EXHAUSTED,
        expression=f"{left} <= 0 and {known}",
        shape=sh.Shape(objective.found.measure, objective.found.by, what),
        severity="warning",
        category=objective.found.category,
        hold=_HOUR,
        keep=timedelta(0),
        summary=_summary(objective, words),
        description=f"{text.go_literal(objective.found.help)} Now {unit.humanize('ratio')} of the budget is left; "
        f"{_allowed(objective)}.",
        of="ratio",
        origin=objective.origin,
        variant=f"{objective.name}-exhausted",
        board="objectives",
        slo=objective.name,
        revision=objective.revision,
        window=duration.text(written.window),
    )


def _floor(objective: Objective, guard: sh.Guard | None) -> str:
    if guard is None:
        return ""
    common = ", ".join(sorted({label.name for label in objective.found.by} & {label.name for label in guard.by}))
    return f" and on ({common}) {guard_text(guard, objective.place)}"


def _summary(objective: Objective, words: str) -> str:
    whose = text.labels(objective.keeps)
    return text.go_literal(objective.written.summary or words[:1].upper() + words[1:]) + whose


def _named(objective: Objective) -> str:
    return f"objective {objective.name}, {unit.number(objective.written.objective * 100)}%"


def _unit(objective: Objective) -> str:
    match objective.found.what:
        case sh.Slices():
            return "slices are bad"
        case what if of_events(what):
            return "events are bad"
    return "the time is bad"


def _allowed(objective: Objective) -> str:
    written = objective.written
    return f"the objective allows {unit.number((1 - written.objective) * 100)}% over {duration.text(written.window)}"
