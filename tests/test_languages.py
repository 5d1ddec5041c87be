"""A text that satisfies several conditions exists, or does not: as trying all short texts says."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon.languages import Condition, matches, satisfiable

ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "(a|b)", "(?:ab|c)?", "a*", "b+", "c{2}", "(a|c){0,2}", "a{1,}"]
)
PATTERNS = st.lists(ATOMS, max_size=4).map("".join)
CONDITIONS = st.builds(Condition, st.sampled_from(["=~", "!~"]), PATTERNS)
TEXTS = ["".join(chars) for length in range(6) for chars in itertools.product("abcd", repeat=length)]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(CONDITIONS, min_size=1, max_size=3))
def test_what_short_texts_say(conditions: list[Condition]) -> None:
    def holds(text: str) -> bool:
        return all((re.fullmatch(c.value, text) is not None) == (c.op == "=~") for c in conditions)

    if any(map(holds, TEXTS)):
        assert satisfiable(tuple(conditions)) is True
    for text in TEXTS[:200]:
        assert all(
            matches(c, text) == ((re.fullmatch(c.value, text) is not None) == (c.op == "=~")) for c in conditions
        )


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ([("=", "a"), ("=~", "a|b")], True),
        ([("=", "a"), ("=~", "b.*")], False),
        ([("=~", "a.*"), ("!~", ".*")], False),
        ([("=~", "critical|warning"), ("!~", "critical|warning|info")], False),
        ([("=~", "crit.*"), ("!=", "critical")], True),
        ([("=~", "a+"), ("!~", "a*")], False),
        ([("=~", "^a$"), ("=", "a")], True),
        ([("=~", "\\d{3}"), ("!~", "[0-9]+")], False),
        ([("!=", ""), ("=~", ".*")], True),
        ([("=", ""), ("=~", ".+")], False),
        ([("=~", ".+"), ("!~", "[^\\n]+")], False),
        ([("=~", "(?i)a"), ("=", "A")], None),
        ([("=~", "a\\bc"), ("!~", "a.*")], None),
        ([("=~", "(a|b){900}(a|b){900}(a|b){900}"), ("!~", "a.*")], None),
        ([("=~", ".*a.{12}"), ("!~", ".*[ab].{12}")], None),
    ],
)
def test_known_answers(conditions: list[tuple[str, str]], wanted: bool | None) -> None:
    assert satisfiable(tuple(itertools.starmap(Condition, conditions))) is wanted
