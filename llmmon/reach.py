"""Which alerts a list of matchers takes: of all that there could be, and of one whose labels are known."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from llmmon.languages import Condition, matches, satisfiable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llmmon.documents.alertmanager.matchers import Matcher

    Alert = Mapping[str, frozenset[str] | None]  # labels it can have; None: the values are not known, it may be missing

_NOT = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}


def possible(matchers: Iterable[Matcher]) -> bool:
    """Whether an alert may satisfy all; False only where certainly none can."""
    return all(satisfiable(conditions) is not False for conditions in _by_label(matchers).values())


def covers(wide: Iterable[Matcher], narrow: Sequence[Matcher]) -> bool:
    """Whether every alert that satisfies all of `narrow` certainly satisfies all of `wide`."""
    said = _by_label(narrow)
    return all(
        matcher in narrow
        or satisfiable((*said.get(matcher.label, ()), Condition(_NOT[matcher.op], matcher.value))) is False
        for matcher in wide
    )


def takes(matchers: Iterable[Matcher], alert: Alert) -> bool | None:
    """Whether an alert with these labels satisfies all; None where it depends."""
    sure = True
    for label, conditions in _by_label(matchers).items():
        values = alert[label] if label in alert else frozenset(("",))
        if values is None:
            if satisfiable(conditions) is False:
                return False
            sure = False
            continue
        found = [[matches(condition, value) for condition in conditions] for value in values]
        if all(False in each for each in found):
            return False
        sure = sure and all(all(each) for each in found)
    return True if sure else None


def _by_label(matchers: Iterable[Matcher]) -> dict[str, tuple[Condition, ...]]:
    out: dict[str, list[Condition]] = defaultdict(list)
    for matcher in matchers:
        out[matcher.label].append(Condition(matcher.op, matcher.value))
    return {label: tuple(conditions) for label, conditions in out.items()}
