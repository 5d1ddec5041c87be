"""Whether a text exists that satisfies some conditions at once: equality, and regular expressions as Go reads them.

A condition is an automaton, and a text is looked for in all of them together. What is too large, or holds what is not
known here, has no answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from llmmon.automata import LAST, Automaton, Unknown, of_pattern, of_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_STEPS: Final = 4_000
_MOST_TRIED: Final = 80_000  # steps, each with all characters


class Condition(NamedTuple):
    """A label's value is, or is not, this text; or matches, or does not match, this whole pattern."""

    op: str
    value: str


@lru_cache(maxsize=8192)
def satisfiable(conditions: tuple[Condition, ...]) -> bool | None:
    """Whether some text, the empty one included, satisfies all; None where that cannot be told."""
    fixed = next((condition.value for condition in conditions if condition.op == "="), None)
    if fixed is not None:
        found = [matches(condition, fixed) for condition in conditions]
        return False if False in found else None if None in found else True
    try:
        automata = [(_of(condition.op, condition.value), condition.op in ("=", "=~")) for condition in conditions]
        return _search(automata)
    except Unknown:
        return None


@lru_cache(maxsize=65536)
def matches(condition: Condition, text: str) -> bool | None:
    """Whether a text satisfies a condition; None where that cannot be told."""
    if condition.op in ("=", "!="):
        return (condition.value == text) == (condition.op == "=")
    try:
        automaton = _of(condition.op, condition.value)
    except Unknown:
        return None
    states = automaton.closure((0,))
    for char in text:
        states = automaton.after(states, ord(char))
    return (automaton.last in states) == (condition.op == "=~")


def _search(automata: Sequence[tuple[Automaton, bool]]) -> bool:
    """Goes through all sets of states that a text can lead to; one character stands for all that are treated alike."""
    chars = _representatives(automata)
    start = tuple(automaton.closure((0,)) for automaton, _ in automata)
    seen, todo = {start}, [start]
    while todo:
        at = todo.pop()
        if all((one.last in states) == wanted for (one, wanted), states in zip(automata, at, strict=True)):
            return True
        for char in chars:
            following = tuple(one.after(states, char) for (one, _), states in zip(automata, at, strict=True))
            hopeless = any(wanted and not states for (_, wanted), states in zip(automata, following, strict=True))
            if not hopeless and following not in seen:
                seen.add(following)
                todo.append(following)
                if len(seen) * len(chars) > _MOST_TRIED or len(seen) > _MOST_STEPS:
                    raise Unknown
    return False


def _representatives(automata: Sequence[tuple[Automaton, bool]]) -> list[int]:
    every = (ranges for one, _ in automata for steps in one.steps for ranges, _ in steps)
    starts = {0} | {edge for ranges in every for low, high in ranges for edge in (low, high + 1)}
    return sorted(char for char in starts if char <= LAST)


@lru_cache(maxsize=2048)
def _of(op: str, value: str) -> Automaton:
    return of_text(value) if op in ("=", "!=") else of_pattern(value)
