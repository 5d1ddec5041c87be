"""What is read without libyaml is what libyaml reads; and what rule files are written like is read so."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from fuzzing import blocks
from fuzzing.__main__ import Fuzzer

from llmmon.source import block
from llmmon.source.scalars import Plain

if TYPE_CHECKING:
    from pathlib import Path

    from llmmon.source.values import Value

READ: dict[str, tuple[str, Value]] = {
    "rules": (
        "---\n# who\ngroups:\n- name: a  # first\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 5m\n",
        {"groups": [{"name": "a", "rules": [{"alert": "A", "expr": "up == 0", "for": "5m"}]}]},
    ),
    "lists as far out as their key, and further in": (
        "a:\n- x\n- y: 1\n  z:\n    - b\nc:\n",
        {"a": ["x", {"y": "1", "z": ["b"]}], "c": None},
    ),
    "braces and brackets": (
        "a: {severity: warning, team: ml ops}\nb: [x, y-z, 5m] # c\nc: {}\nd: []\n",
        {"a": {"severity": "warning", "team": "ml ops"}, "b": ["x", "y-z", "5m"], "c": {}, "d": []},
    ),
    "quotes": (
        "a: \"{{ $value }}: it's \\\"so\\\"\"\nb: 'it''s # no comment' # one\n",
        {"a": '{{ $value }}: it\'s "so"', "b": "it's # no comment"},
    ),
    "a literal block": ("a: |\n\n  sum(\n    x\n\n  )\n\nb: |-\n   y # z\n", {"a": "\nsum(\n  x\n\n)\n", "b": "y # z"}),
    "a folded block": ("a: >\n  one\n  two\n\n\n  three\n\nb: >-\n  x\n", {"a": "one two\n\nthree\n", "b": "x"}),
    "words over lines": ("a: sum(x)\n   / sum(y)\n  > 1\nb: c\n", {"a": "sum(x) / sum(y) > 1", "b": "c"}),
    "nothing": ("a: ~\nb: null\nc:\nd: # e\n", {"a": None, "b": None, "c": None, "d": None}),
}
LEFT = {
    "an empty text": "",
    "a comment alone": "# a\n",
    "a list": "- a\n",
    "an anchor": "a: &b c\n",
    "an alias": "a: *b\n",
    "a tag": "a: !!str 1\n",
    "a merge": "<<: {a: b}\n",
    "a tab": "a:\tb\n",
    "a carriage return": "a: b\r\n",
    "another end of a line": "a: b\u2028\n",
    "a key twice": "a: b\na: c\n",
    "a key twice in braces": "a: {b: c, b: d}\n",
    "a null as a key": "null: a\n",
    "a key in quotes": "'a': b\n",
    "a colon in a value": "a: b: c\n",
    "a colon at the end": "a: b:\n",
    "a key too far in": "a: b\n c: d\n",
    "a key too far out": "  a: b\nc: d\n",
    "a list beside keys": "a: b\n- c\n",
    "two documents": "---\na: b\n---\nc: d\n",
    "an end of a document": "a: b\n...\n",
    "braces in braces": "a: {b: {c: d}}\n",
    "quotes in braces": 'a: {b: "c"}\n',
    "braces over lines": "a: {b: c,\n  d: e}\n",
    "quotes over lines": 'a: "b\n  c"\n',
    "an escape in hexadecimal": 'a: "\\x41"\n',
    "a block that keeps its end": "a: |+\n  b\n\n",
    "a block that says how far in it is": "a: |2\n    b\n",
    "a block without an end of the last line": "a: |\n  b",
    "a folded block with lines further in": "a: >\n  b\n    c\n",
    "a template of a chart": "a: {{ .Values.b }}\n",
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_what_rule_files_are_written_like_is_read(text: str, value: Value) -> None:
    assert block.read(text) == value
    assert blocks.is_read(text)


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_anything_else_is_left_to_libyaml(text: str) -> None:
    assert block.read(text) is None


@pytest.mark.parametrize("word", ["yes", "Off", "1", "0x1F", "01", "1_000", "-1", "+.inf", ".5", "1.5e+3", "0b1"])
def test_a_number_or_boolean_is_plain(word: str) -> None:
    for text in (f"a: {word}\n", f"a: {{b: {word}}}\n", f"a:\n- {word}\n"):
        assert block.read(text) is None or blocks.is_read(text)
    assert isinstance((block.read(f"a: {word}\n") or {})["a"], Plain)


@pytest.mark.parametrize("word", ["5m", "1:30", "2026-01-02", "yess", "e", "1e5", "0xg", "08x", "='", "=", "1.5.2"])
def test_a_word_is_a_text(word: str) -> None:
    assert type((block.read(f"a: {word}\n") or {})["a"]) is str
    assert blocks.is_read(f"a: {word}\n")


def test_spoiled_pieces_of_rule_files_are_read_alike(tmp_path: Path) -> None:
    chance, known = random.Random(1), Fuzzer("blocks", 1, tmp_path).known
    assert sum(blocks.is_read(blocks.spoiled(known, chance)) for _ in range(4000)) > 400
