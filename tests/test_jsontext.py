"""JSON is read as Go reads it, and every value of it knows its place."""

from __future__ import annotations

import json

import pytest
import yaml

from llmmon.source import composer, jsontext, values
from llmmon.source.document import Document

HARD = {
    "tabs": '{\t"a":\t"q"}',
    "escapes": r'{"a": "one \"two\" \\ \/ \n\t q"}',
    "a code point in four digits": r'{"a": "\u00e9 \u0041 q"}',
    "a code point in two halves": r'{"a": "\ud83d\ude00 z \uD83D\uDE00 q"}',
    "as it is": '{"a": "é 😀 q"}',
    "behind others": '{"b": [1, {"c": "}"}], "d": {},\n "a": "x q"}',
}
TOO_DEEP = composer.MAX_DEPTH + 1
WRONG = {
    '{"a": 1,}': (1, 9, "no comma stands before }"),
    "[1 2]": (1, 4, "expected a comma"),
    '{"a":\n NaN}': (2, 2, "NaN is no number"),
    '{"a": "x\ty"}': (1, 9, "inside a text"),
    '{"a": 1} x': (1, 10, "remove it"),
    '{"a": "x}': (1, 7, "close the quote"),
    r'"\q"': (1, 2, "for the backslash itself"),
    "": (1, 1, "expected a value"),
    '{"a": 1,\n"b": {"c": 2, "c": 3}}': (2, 15, "duplicate key 'c': it is already on line 2"),
    "[" * 100_000: (1, TOO_DEEP, "nested deeper than"),
    "[" * TOO_DEEP + "]" * TOO_DEEP: (1, TOO_DEEP, "nested deeper than"),
}


def plain(node: yaml.Node | None) -> object:
    """The value of nodes that our own composer has made."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    return node.value if node.style else json.loads(str(node.value))


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_each_letter_of_a_text_is_found(text: str) -> None:
    document = Document("x.json", text, json=True)
    value, problems = values.value(document)
    assert problems == []
    assert isinstance(value, dict)
    said = str(value["a"])
    line, column = document.position(("a",), (said.index("q"), said.index("q") + 1))
    assert text.split("\n")[line - 1][column - 1] == "q"


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_the_nodes_say_what_the_value_says(text: str) -> None:
    assert plain(jsontext.compose(text)) == json.loads(text)


def test_half_a_surrogate_pair_is_the_replacement_character() -> None:
    value, problems = values.value(Document("x.json", r'{"\ud800": ["\udc00", "\ud83d\ude00"]}', json=True))
    assert (value, problems) == ({"\ufffd": ["\ufffd", "😀"]}, [])


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_wrong_is_said_at_its_place(text: str, said: tuple[int, int, str]) -> None:
    _, problems = values.value(Document("x.json", text, json=True))
    assert len(problems) == 1
    assert problems[0].origin.position() == said[:2]
    assert said[2] in problems[0].message


def test_a_key_that_says_the_same_twice_does_no_harm() -> None:
    assert values.value(Document("x.json", '{"a": "b", "a": "b"}', json=True)) == ({"a": "b"}, [])


def test_a_number_of_many_digits_is_a_number() -> None:
    assert values.value(Document("x.json", "1" * 5000, json=True)) == (float("inf"), [])
