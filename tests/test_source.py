"""YAML is read as YAML 1.2, and every key and every character of it knows its place."""

from __future__ import annotations

import math

import pytest

from llmmon.source import reader, values
from llmmon.source.document import Document

TEXTS = {
    "plain": "a: hello world\n",
    "plain over lines": "a: one\n  two\n\n  three\n",
    "single quotes": "a: 'it''s'\n",
    "single quotes over lines": "a: 'one\n\n  two'\n",
    "double quotes": 'a: "q\\"x\\u00e9\\x41\\U0001F600 z"\n',
    "double quotes over lines": 'a: "one\n  two"\n',
    "literal": "a: |\n  one\n    two\n\n  three\n",
    "literal behind blank lines": "a: |\n\n    one\n    two\n",
    "folded": "a: >-\n  one\n  two\n\n  three\n",
    "folded over blank lines": "a: >\n    one\n\n\n    two\n",
    "CRLF": "a: |\r\n  one\r\n  two\r\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_letter_of_a_scalar_is_found(text: str) -> None:
    document = Document("x", text)
    data, problems = values.parse(document)
    assert data is not None
    assert not problems
    lines = text.split("\n")
    for index, letter in enumerate(str(data["a"])):
        line, column = document.position(("a",), (index, index + 1))
        if letter.isascii() and letter.isalpha() and letter != "A":
            assert lines[line - 1][column - 1] == letter


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ((), (1, 1)),
        (("by",), (1, 1)),
        (("by", 1), (1, 9)),
        (("by", "b"), (1, 9)),
        (("by", "c"), (1, 5)),
        (("map", "x"), (2, 7)),
        (("map", "x", "gone"), (2, 10)),
        (("gone",), (1, 1)),
        (("list", 0, "y"), (4, 5)),
        (("list", 7), (4, 3)),
    ],
)
def test_a_way_of_keys_leads_to_the_nearest_node_that_exists(
    keys: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    document = Document("x", "by: [a, b]\nmap: {x: 1}\nlist:\n  - y: 2\n")
    assert document.position(keys) == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("~", None),
        ("true", True),
        ("off", "off"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("2024-01-01", "2024-01-01"),
        ("<<", "<<"),
        ("9" * 30, 10**30 - 1),
    ],
)
def test_a_scalar_is_read_as_yaml_1_2(text: str, value: object) -> None:
    read = reader.scalar(text)
    assert read == value
    assert type(read) is type(value)


def test_a_number_that_python_would_refuse_is_read() -> None:
    assert reader.scalar("9" * 5_000) == math.inf


def test_what_is_quoted_is_text() -> None:
    data, _ = values.parse(Document("x", "a: 'true'\nb: \"5\"\nc: |-\n  5\n"))
    assert data == {"a": "true", "b": "5", "c": "5"}


def test_every_mistake_of_a_file_is_told_in_one_run() -> None:
    _, problems = values.parse(Document("x", "a: 1\na: 2\n[b]: 3\nc: !odd 4\n<<: {}\n"))
    assert [problem.rule for problem in problems] == ["duplicate-key", "odd-key", "yaml-tag", "merge-key"]
    assert [problem.origin.position()[0] for problem in problems] == [2, 3, 4, 5]
