"""The real promtool and our parser accept and refuse the same expressions."""

import random
import shutil
from pathlib import Path

import pytest
from differential import compare, mutants
from differential.promtool import Promtool
from promql_examples import INVALID, VALID

from llmmon.promql import PromqlError, Version, parse, position, pretty, quote, regex_literal, selector, to_text

NEVER: Version = (99, 0)
GONE: dict[str, Version] = {"holt_winters": (3, 0)}


@pytest.fixture(scope="module")
def promtool() -> Promtool:
    path = shutil.which("promtool")
    if path is None:
        pytest.skip("promtool is not on PATH")
    return Promtool(path)


def ours(text: str, version: Version) -> tuple[int, int, str] | None:
    try:
        parse(text, version)
    except PromqlError as error:
        return (*position(text, error.span[0]), error.message)
    return None


def test_valid_expressions_pass(promtool: Promtool, tmp_path: Path) -> None:
    valid = [text for text in VALID if promtool.version < GONE.get(text.partition("(")[0], NEVER)]
    printed = [to_text(parse(text, promtool.version)) for text in valid]
    broken = [pretty(parse(text, promtool.version), 30) for text in valid]
    expressions = valid + printed + broken
    wrong = [pair for pair in zip(expressions, promtool.expressions(expressions, tmp_path), strict=True) if pair[1]]
    assert not wrong


def test_invalid_expressions_fail(promtool: Promtool, tmp_path: Path) -> None:
    accepted = [text for text in dict.fromkeys(INVALID) if ours(text, promtool.version) is None]
    verdicts = dict(zip(INVALID, promtool.expressions(INVALID, tmp_path), strict=True))
    assert [text for text, verdict in verdicts.items() if verdict is None] == accepted
    said = [(ours(text, promtool.version), verdict) for text, verdict in verdicts.items() if verdict]
    same = sum(1 for mine, theirs in said if mine and mine[:2] == theirs[:2])
    assert same / len(said) > 0.9, "positions"


def test_mutants_get_the_same_verdict(promtool: Promtool, tmp_path: Path) -> None:
    texts = mutants.expressions(VALID + INVALID, 2000, random.Random(42))
    assert 100 < promtool.expressions(texts, tmp_path).count(None) < len(texts)
    assert compare.expressions(texts, promtool, tmp_path) == []


def test_escaped_values_are_read_by_promtool(promtool: Promtool, tmp_path: Path) -> None:
    values = ['"', "\\", "\n\r\t\0\x7f\x85", "é\u2028\ufeff\ufffd\uffff", "\U0001f600", "a.b*c+(d)|[e]{f}^$?", "`'"]
    expressions = [quote(value) for value in values]
    expressions += [f"up{{a=~{quote(regex_literal(value))}}}" for value in values]
    expressions += [selector("up", {"a": value}) for value in values]
    assert not any(promtool.expressions(expressions, tmp_path))
