"""Every lint rule is quiet where it must be, and speaks where it should: the examples of its page, and its cases."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from rule_cases import examples, found

from llmmon import plugins

HERE = Path(__file__).parent
RULES = [(family, slug) for family in plugins.families() for slug in plugins.rules(family)]


def page(family: str, slug: str) -> Any:
    """The module of a rule."""
    return importlib.import_module(f"llmmon.rules.{family}.{slug.replace('-', '_')}")


def cases(family: str, slug: str) -> dict[str, Any]:
    """The cases of a rule: `quiet` is a list, `found` maps an example to a part of the message."""
    data: dict[str, Any] = yaml.safe_load((HERE / family / f"{slug}.yaml").read_text(encoding="utf-8"))
    return data


def test_there_is_a_file_of_cases_for_every_rule_and_a_rule_for_every_file() -> None:
    files = {(path.parent.name, path.stem) for path in HERE.glob("*/*.yaml")}
    assert files == set(RULES)


def test_no_code_belongs_to_two_rules() -> None:
    codes = [code for family, slug in RULES for code in plugins.rules(family)[slug].codes]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize(("family", "slug"), RULES)
def test_the_page_of_a_rule_is_true(family: str, slug: str) -> None:
    module = page(family, slug)
    good, bad = list(examples(module, "Good")), list(examples(module, "Bad"))
    assert len(good) >= len(bad) > 0 or len(good) > 1
    assert [(text, [str(p.message) for p in found(family, slug, text, about)]) for about, text in good] == [
        (text, []) for _, text in good
    ]
    assert [text for about, text in bad if not found(family, slug, text, about)] == []


@pytest.mark.parametrize(("family", "slug"), RULES)
def test_a_rule_is_quiet_where_nothing_is_wrong(family: str, slug: str) -> None:
    given = cases(family, slug)
    said = {case: [problem.message for problem in found(family, slug, *_case(case))] for case in given["quiet"]}
    assert said == {case: [] for case in given["quiet"]}
    assert len(given["quiet"]) >= len(given["found"]) > 0


@pytest.mark.parametrize(("family", "slug"), RULES)
def test_a_rule_finds_what_is_wrong(family: str, slug: str) -> None:
    for case, words in cases(family, slug)["found"].items():
        messages = [problem.message for problem in found(family, slug, *_case(case))]
        assert any(words in message for message in messages), (case, messages)


def _case(case: str) -> tuple[str, str]:
    """`(about) text`: what the panel's or the expression's example is about."""
    about, close, text = case.partition(") ") if case.startswith("(about: ") else ("", "", case)
    return (text, about.removeprefix("(about: ")) if close else (case, "")
