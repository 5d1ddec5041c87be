"""Several objectives of a service as one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from llmmon.lower.slos.grouping import labels
from llmmon.lower.slos.objective import Found
from llmmon.plan import shapes as sh
from llmmon.plan.indicators import of_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.lower.place import Place
    from llmmon.lower.slos.objective import Objective
    from llmmon.problem import Origin
    from llmmon.spec import slos as spec


def composite(written: spec.SLO, made: Mapping[str, Objective], origin: Origin, place: Place) -> Found | None:
    """Weighted sums of what the parts count; all of them count events, or all of them time."""
    assert written.parts is not None
    every = place.service.spec.slos
    good = True
    for name in written.parts:
        if name not in every:
            near = difflib.get_close_matches(name, every, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(every))}"
            place.names.add(origin.at("parts"), f"unknown objective {name!r}: {hint}", "unknown-objective")
            good = False
        elif every[name].parts is not None:
            message = f"{name} has parts itself: name those here"
            place.names.add(origin.at("parts"), message, "nested-parts")
            good = False
    found = [made[name] for name in written.parts if name in made]
    if not good or len(found) < len(written.parts):
        return None  # the part has said what is wrong with it
    return _together(written, found, origin, place)


def _together(written: spec.SLO, parts: list[Objective], origin: Origin, place: Place) -> Found | None:
    first = parts[0].found
    for part in parts[1:]:
        if of_events(part.found.what) != of_events(first.what):
            of, other = (part.name, parts[0].name) if of_events(part.found.what) else (parts[0].name, part.name)
            message = f"{of} counts events and {other} counts time, which do not add up: make two objectives of them"
            place.names.add(origin.at("parts"), message, "unlike-parts")
            return None
        if part.found.by != first.by:
            message = f"{parts[0].name} and {part.name} are grouped differently: write the same by: for both"
            place.names.add(origin.at("parts"), message, "unlike-parts")
            return None
    if written.by is not None and labels(written, origin, place) != first.by:
        message = "parts: keep the labels that they have: write by: there, and leave it out here"
        place.names.add(origin.at("by"), message, "fixed-grouping")
        return None
    weights = written.parts or {}
    what = sh.Composite(tuple((part.found.what, weights[part.name]) for part in parts))
    words = f"Bad of {' and '.join(part.name for part in parts)} together."
    return Found(what, first.measure, first.by, first.category, words)
