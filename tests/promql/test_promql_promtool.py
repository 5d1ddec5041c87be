"""The real promtool and our parser accept and refuse the same expressions."""

import random
import re
from pathlib import Path

import pytest
from promql_examples import INVALID, VALID
from promql_promtool import Promtool, find_promtool

from llmmon.promql import PromqlError, Version, parse, position, pretty, quote, regex_literal, selector, to_text

WORDS = re.compile(r'[A-Za-z_:][\w:]*|\d[\w.]*|"[^"]*"|\s+|.', re.DOTALL)
NEVER: Version = (99, 0)
GONE: dict[str, Version] = {"holt_winters": (3, 0)}
PIECES = ["", "(", ")", "{", "}", "[", "]", '"', ",", " ", "5m", "e", ".", "\\", "0"]


@pytest.fixture(scope="module")
def promtool() -> Promtool:
    return find_promtool()


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
    wrong = [pair for pair in zip(expressions, promtool.verdicts(expressions, tmp_path), strict=True) if pair[1]]
    assert not wrong


def test_invalid_expressions_fail(promtool: Promtool, tmp_path: Path) -> None:
    accepted = [text for text in dict.fromkeys(INVALID) if ours(text, promtool.version) is None]
    verdicts = dict(zip(INVALID, promtool.verdicts(INVALID, tmp_path), strict=True))
    assert [text for text, verdict in verdicts.items() if verdict is None] == accepted
    said = [(ours(text, promtool.version), verdict) for text, verdict in verdicts.items() if verdict]
    same = sum(1 for mine, theirs in said if mine and mine[:2] == theirs[:2])
    assert same / len(said) > 0.9, "positions"


def mutate(text: str, rng: random.Random) -> str:
    words = WORDS.findall(text)
    for _ in range(rng.choice((1, 1, 1, 2))):
        at = rng.randrange(len(words) + 1)
        match rng.randrange(6):
            case 0:
                words[at : at + 1] = []
            case 1:
                words.insert(at, rng.choice(ALL_WORDS))
            case 2:
                words[at : at + 1] = [rng.choice(ALL_WORDS)]
            case 3:
                words[at : at + 2] = words[at : at + 2][::-1]
            case 4:
                words[at:at] = words[at - 1 : at]
            case _:
                joined = "".join(words)
                index = rng.randrange(len(joined) + 1)
                words = WORDS.findall(joined[:index] + rng.choice(PIECES) + joined[index + rng.randrange(2) :])
    return "".join(words)


ALL_WORDS = sorted({word for text in VALID for word in WORDS.findall(text)})


def test_mutants_get_the_same_verdict(promtool: Promtool, tmp_path: Path) -> None:
    rng = random.Random(42)
    mutants = [mutate(rng.choice(VALID + INVALID), rng) for _ in range(2000)]
    mutants = [text for text in mutants if text.strip()]
    verdicts = promtool.verdicts(mutants, tmp_path)
    assert 100 < verdicts.count(None) < len(mutants)
    differing = [
        (text, ours(text, promtool.version), verdict)
        for text, verdict in zip(mutants, verdicts, strict=True)
        if (ours(text, promtool.version) is None) != (verdict is None)
    ]
    assert not differing


def test_escaped_values_are_read_by_promtool(promtool: Promtool, tmp_path: Path) -> None:
    values = ['"', "\\", "\n\r\t\0\x7f\x85", "é\u2028\ufeff\ufffd\uffff", "\U0001f600", "a.b*c+(d)|[e]{f}^$?", "`'"]
    expressions = [quote(value) for value in values]
    expressions += [f"up{{a=~{quote(regex_literal(value))}}}" for value in values]
    expressions += [selector("up", {"a": value}) for value in values]
    assert not any(promtool.verdicts(expressions, tmp_path))
