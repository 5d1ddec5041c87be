"""Questions about regexes have exact answers, or none."""

import itertools
import re

import pytest

from llmmon.promql.language import admits, can_match, implies
from llmmon.promql.pattern import edges, tree, word

PATTERNS = [
    *(
        "",
        "a",
        "a|b",
        "a*",
        "a+b?",
        "(a|b)*",
        "[^a]",
        "[a-c]{2}",
        "a{0,2}",
        "(?:ab){1,}",
        "(?i)aB",
        "(?i:a)b",
        ".",
        ".*",
    ),
    *(
        r"\.",
        r"a\x62",
        "^a|b$",
        "^(a|^b)c?$",
        "(a*)*b",
        "[]a]",
        "[a-]",
        r"[\d.]",
        r"\w\W?",
        "(?P<n>a)b",
        "a+?",
    ),
]
WORDS = ["".join(letters) for size in range(4) for letters in itertools.product("abA.1", repeat=size)]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_regex_matches_what_python_says(pattern: str) -> None:
    expected = [
        re.fullmatch(f"(?s:{pattern})" if "(?i)" not in pattern else pattern, text) is not None for text in WORDS
    ]
    assert [admits(("=~", pattern), text) for text in WORDS] == expected
    assert [admits(("!~", pattern), text) for text in WORDS] == [not one for one in expected]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a.*", ".*b", True),
        ("a.*", "b.*", False),
        ("(a|b){3}", "(aa)+", False),
        ("[a-m]+", "[m-z]+", True),
        ("[a-m]+", "[n-z]+", False),
        ("(?i)ABC", "abc", True),
        (r"a\b", "a", None),
        ("a^b", "a", None),
        (r"\pL", "a", None),
    ],
)
def test_two_regexes_can_match_the_same(one: str, other: str, both: bool | None) -> None:
    assert can_match((("=~", one), ("=~", other))) is both
    assert can_match((("=~", other), ("=~", one))) is both


def test_codes_in_braces_are_read() -> None:
    assert admits(("=~", r"a\x{62}"), "ab")


def test_one_matcher_implies_another() -> None:
    assert implies([("=~", "a.*")], ("!=", ""))
    assert implies([("=~", "5..")], ("=~", "5.+"))
    assert implies([("=", "a")], ("!~", "b|c"))
    assert implies([], ("=~", "a*|.*"))
    assert not implies([("=~", "5.*")], ("=~", "5.+"))
    assert not implies([("!=", "a")], ("!=", "b"))


def test_a_question_that_would_take_too_long_has_no_answer() -> None:
    assert can_match((("=~", "(a|b)*a(a|b){16}"), ("!~", "(a|b)*b(a|b){17}"), ("!~", "(a|b)*a(a|b){16}"))) is None
    assert can_match((("=~", "(((a{100}){100}){100}){100}"),)) is None
    assert can_match((("=~", "(" * 900 + "a" + ")" * 900),)) is None


def test_anchors_at_the_ends_and_lone_texts_are_known() -> None:
    nodes = {text: tree(text) for text in ("^a$", "^(?:^a|b$)", "a^b", "(^a)+", r"\Aa\z", "$job", "^$")}
    assert {text: [edge.at for edge in edges(node)] for text, node in nodes.items() if node} == {
        "^a$": [0, 2],
        "^(?:^a|b$)": [0, 4, 8],
        "a^b": [],
        "(^a)+": [],
        r"\Aa\z": [0, 3],
        "$job": [],
        "^$": [0, 1],
    }
    texts = [word(node) for text in (r"a\.b", "(a)b", "[a]", "a|b", "a?", "", "(?i)a", "$a") if (node := tree(text))]
    assert texts == ["a.b", "ab", "a", None, None, "", None, None]
