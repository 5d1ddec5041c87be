"""What is dumped comes back as it was, whichever YAML reader reads it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from llmmon import dump
from llmmon.source import values
from llmmon.source.document import Document

AMBIGUOUS = [
    *("1e3", "1E+3", "08", "0o17", "017", "0x1", "0xFF", "0b11", "1_000", "+1", "-1", ".5", "5.", "1.", "-.5"),
    *("12:30", "1:30:00", "190:20:30.15", "1,000", "1.2.3", ".", "+.5e-3", ".inf", "-.Inf", ".nan", "+inf"),
    *("y", "n", "Y", "N", "yes", "no", "on", "off", "Yes", "ON", "true", "false", "True", "null", "Null", "NULL"),
    *("~", "=", "<<", "2024-01-01", "2024-1-1", "2024-01-01T10:00:00Z", "2001-12-14t21:59:43.10-05:00"),
]
AWKWARD = [
    "",
    " ",
    " leading",
    "trailing ",
    "2024-01-01 10:00:00 +1",
    "key: value",
    "a #b",
    "# a",
    "- a",
    "? a",
    "-",
    "---",
    "...",
    "%TAG",
    "@at",
    "`tick",
    "!tag",
    "&anchor",
    "*alias",
    "{{ $labels.model }}",
    "[5m]",
    "it's",
    '"quoted"',
    "tab\there",
    "back\\slash",
    "\x00\x07\x1b[31m\x7f",
    "\x85\x9b\xa0\u2028\u2029\ufeff\u202e",
    "a\r\nb",
    "a\rb\nc",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "\na",
    "  a\nb",
    "a\n  b\n\n\n c",
    "a \nb",
    "a\n \nb",
    "a\n---\nb\n...\n# c",
    "a\n\tb",
    "x" * 500 + " y: " + "z" * 500,
    "é ü 漢字",
    "🚨 costs",
    "🚨\n\U000e0001",
    "\ue000\uf8ff🚨",
]


class Word(StrEnum):
    ON = "on"


def readings(text: str) -> list[Any]:
    """The document as YAML 1.1, read in C and in Python, and as YAML 1.2."""
    return [
        yaml.load(text, Loader=yaml.CSafeLoader),
        yaml.safe_load(text),
        YAML(typ="safe", pure=True).load(text),
    ]


@pytest.mark.parametrize("word", [*AMBIGUOUS, *AWKWARD])
def test_a_string_stays_the_string_that_it_was_as_value_key_and_item(word: str) -> None:
    value = {"value": word, word + "": ["x", word], "nested": {"a": {word: "x"}}}
    text = dump.yaml_text(value, "made by a test")
    for reading in [*readings(text), values.parse(Document("x.yaml", text))[0]]:
        assert reading == value


@pytest.mark.parametrize("word", AMBIGUOUS)
def test_what_a_reader_could_take_for_something_else_is_double_quoted(word: str) -> None:
    assert dump.yaml_text({"a": word}, "") == f'a: "{word}"\n'


@pytest.mark.parametrize(
    "word", ["5m", "1h30m", "page", "http_requests_total", "v1.2", "yesterday", "a:b", "50%", "none"]
)
def test_an_ordinary_word_stays_plain(word: str) -> None:
    assert dump.yaml_text({"a": word}, "") == f"a: {word}\n"


TEXT = st.text(max_size=40) | st.text(
    alphabet="ab \n:#-'\"\\\t{}[]&*!|>%@`?,=~0.e\r\x85\u2028🚨\ue000\x00", max_size=20
)
VALUE = st.recursive(
    TEXT | st.booleans() | st.none() | st.integers(-(2**63), 2**63),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.dictionaries(TEXT, VALUE, min_size=1, max_size=5))
def test_any_value_comes_back(value: dict[str, Any]) -> None:
    text = dump.yaml_text(value, "made by a test")
    text.encode()
    for reading in readings(text):
        assert reading == value
    assert json.loads(dump.json_text(value)) == value


def test_order_is_kept_and_many_lines_are_a_literal_block() -> None:
    value = {"z": 1, "a": {"expr": "sum(x)\n  / sum(y)\n> 0.05\n"}, "list": [{"k": "v", "b": "x\ny"}]}
    assert dump.yaml_text(value, "c") == (
        "# c\nz: 1\na:\n  expr: |\n    sum(x)\n      / sum(y)\n    > 0.05\nlist:\n- k: v\n  b: |-\n    x\n    y\n"
    )


def test_nothing_is_anchored_and_no_line_is_folded() -> None:
    same = {"a": ["word " * 200]}
    text = dump.yaml_text({"x": same, "y": same}, "c")
    assert "&" not in text
    assert len(text.splitlines()) == 7


def test_characters_beyond_the_basic_plane_are_written_as_they_are() -> None:
    assert dump.yaml_text({"a": "🚨 cost", "b": "🚨\n🔥"}, "") == "a: 🚨 cost\nb: |-\n  🚨\n  🔥\n"


def test_numbers_are_plain() -> None:
    value = {"d": [Decimal("0.10"), Decimal(1000), Decimal("1E+3"), Decimal("-2.5")], "f": [0.5, 1e-7, 2.0], "i": 2**70}
    assert dump.yaml_text(value, "") == (
        f"d:\n- 0.1\n- 1000\n- 1000\n- -2.5\nf:\n- 0.5\n- 0.0000001\n- 2.0\ni: {2**70}\n"
    )
    assert json.loads(dump.json_text(value)) == {"d": [0.1, 1000, 1000, -2.5], "f": [0.5, 1e-7, 2.0], "i": 2**70}
    huge = yaml.safe_load(dump.yaml_text({"a": [1e50, Decimal("1E-60")]}, ""))
    assert huge == {"a": [1e50, 1e-60]}


def test_other_types_are_refused_and_words_of_an_enum_are_strings() -> None:
    for wrong in (timedelta(1), {1}, object(), b"x"):
        with pytest.raises(TypeError):
            dump.yaml_text({"a": wrong}, "")
        with pytest.raises(TypeError):
            dump.json_text({"a": wrong})
    with pytest.raises(TypeError):
        dump.yaml_text({1: "a"}, "")
    assert dump.yaml_text({Word.ON: (Word.ON, True, None)}, "") == '"on":\n- "on"\n- true\n- null\n'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_not_a_number_is_refused(number: float | Decimal) -> None:
    with pytest.raises(ValueError, match=r"(?i)nan|inf"):
        dump.yaml_text({"a": number}, "")
    with pytest.raises(ValueError, match=r"(?i)nan|inf|compliant"):
        dump.json_text({"a": number})


def test_lone_surrogates_are_replaced_and_pairs_are_joined() -> None:
    value = {"\ud800": "a\udfffb", "b": "\ud83d\ude00"}
    expected = {"\ufffd": "a\ufffdb", "b": "😀"}
    assert json.loads(dump.json_text(value).encode()) == expected
    for reading in readings(dump.yaml_text(value, "")):
        assert reading == expected


def test_a_comment_cannot_become_content() -> None:
    text = dump.yaml_text({"a": 1}, "made from specs/a\nb: 2\r\u2028c: 3\x85d: 4\x1b[0m.yaml; edits are lost")
    assert yaml.safe_load(text) == {"a": 1}
    assert all(line.startswith("#") for line in text.splitlines()[:-1])
    assert text.replace("\n", "").isprintable()


def test_several_documents_are_separated() -> None:
    text = dump.yaml_documents([{"kind": "A"}, {"kind": "B", "text": "x\ny\n"}], "c")
    assert text == "# c\nkind: A\n---\nkind: B\ntext: |\n  x\n  y\n"
    assert list(yaml.safe_load_all(text)) == [{"kind": "A"}, {"kind": "B", "text": "x\ny\n"}]


def test_json_is_indented_ordered_and_not_escaped() -> None:
    assert dump.json_text({"z": "é", "a": [1]}) == '{\n  "z": "é",\n  "a": [\n    1\n  ]\n}\n'
