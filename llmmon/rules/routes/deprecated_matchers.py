"""Matchers and time intervals in the notation that is going away.

`match`, `match_re`, `source_match` and their like are deprecated since Alertmanager 0.22, and `mute_time_intervals` at
the top since 0.24; 1.0 will not read them. Nobody says so when the file is loaded. It is said once for a file.

Bad:

    route:
      receiver: a
      routes: [{match: {severity: critical}, receiver: a}]

    inhibit_rules: [{source_match: {alertname: Down}, target_match_re: {alertname: Slow.*}, equal: [service]}]

    mute_time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]

Good:

    route:
      receiver: a
      routes: [{matchers: [severity="critical"], receiver: a, mute_time_intervals: [night]}]

    inhibit_rules: [{source_matchers: [alertname="Down"], target_matchers: [alertname=~"Slow.*"], equal: [service]}]

    time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.classes import replace
from llmmon.documents.alertmanager.matchers import Matcher, Wrong, read
from llmmon.documents.routes import Configuration, Inhibition, Route
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.problem import Keys
    from llmmon.rule import Facts

_INSTEAD = {
    "match": "matchers",
    "match_re": "matchers",
    "source_match": "source_matchers",
    "source_match_re": "source_matchers",
    "target_match": "target_matchers",
    "target_match_re": "target_matchers",
}
_INTERVALS = (0, 24)  # the first version with time_intervals

_SINCE = (0, 22)
_OF_THAT_TIME = {"grafana": (8, 3), "kubernetes": (1, 9), "prometheus": (2, 32)}  # the end of 2021


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    if _is_old(facts):
        return
    parts: tuple[Route | Inhibition, ...] = (*configuration.routes, *configuration.inhibitions)
    said: list[tuple[str, Keys]] = []
    edits: list[Edit] = []
    for part in parts:
        way, mended = part.origin.keys[len(configuration.origin.keys) :], False
        said += ((old, way) for old in _INSTEAD if old in part.value)
        for old in (old for old in _INSTEAD if old in part.value and not mended):
            rewritten = _rewritten(part.value, old, _operator(old), facts.alertmanager)
            edits += (replace(edit, keys=(*way, *edit.keys)) for edit in rewritten)
            mended = bool(rewritten)
    if said:
        old, way = said[0]
        names = {name: _INSTEAD[name] for name in _INSTEAD if any(name == one for one, _ in said)}
        new: dict[str, list[str]] = {}
        for name in names:
            new.setdefault(_INSTEAD[name], []).append(f'NAME{_operator(name)}"VALUE"')
        are = "are" if len(names) > 1 else "is"
        places = f", here {len(said)} times" if len(said) > len(names) else ""
        instead = _listed(f"{name}: [{', '.join(how)}]" for name, how in new.items())
        message = f"{_listed(names)} {are} deprecated since 0.22{places}: write {instead}"
        yield Finding("C041", message, keys=(*way, old), origin=configuration.origin, edits=tuple(edits), safe=True)
    if configuration.value.get("mute_time_intervals") and facts.alertmanager >= _INTERVALS:
        how = "move these to" if "time_intervals" in configuration.value else "write"
        message = f"mute_time_intervals is deprecated here: {how} time_intervals"
        yield Finding("C042", message, origin=configuration.origin.at("mute_time_intervals"))


def _listed(names: Iterable[str]) -> str:
    *most, last = dict.fromkeys(names)
    return f"{', '.join(most)} and {last}" if most else last


def _operator(old: str) -> str:
    return "=~" if old.endswith("_re") else "="


def _is_old(facts: Facts) -> bool:
    """Whether the Alertmanager is older; where nobody says which it is, whether what runs beside it is."""
    if "alertmanager" in facts.pinned:
        return facts.pinned["alertmanager"] < _SINCE
    return any(facts.pinned.get(program, since) < since for program, since in _OF_THAT_TIME.items())


def _rewritten(part: Mapping[str, Any], old: str, op: str, version: tuple[int, ...]) -> tuple[Edit, ...]:
    """The same matchers in the new notation; nothing where that is not certain to say the same."""
    new, given = _INSTEAD[old], part[old]
    there = part.get(new, [])
    if len(part) == 1 or not isinstance(given, dict) or not given or not isinstance(there, list):
        return ()
    matchers = [Matcher(str(label), op, value) for label, value in given.items() if isinstance(value, str)]
    if len(matchers) < len(given) or not all(_reads(matcher, version) for matcher in matchers):
        return ()
    added = (Edit(str(matcher), keys=(new, index)) for index, matcher in enumerate(matchers, len(there)))
    return Edit(None, keys=(old,)), *added


def _reads(matcher: Matcher, version: tuple[int, ...]) -> bool:
    try:
        return read(str(matcher), version).matchers == (matcher,)
    except Wrong:
        return False


RULE = Rule(
    Configuration,
    check,
    {"C041": Level.NOTE, "C042": Level.NOTE},
    peers=("amlint deprecated-match", "amlint deprecated-mute-time-intervals"),
)
