"""The reference pages are those of the rules as they are."""

from __future__ import annotations

from pathlib import Path

from llmmon import plugins, rulebook

PAGES = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_are_current() -> None:
    made = dict(rulebook.pages())
    assert {path.stem: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")} == made, "run `make schema`"


def test_every_rule_has_its_words_and_its_examples() -> None:
    made = dict(rulebook.pages())
    for family in plugins.families():
        for slug in plugins.rules(family):
            section = made[family].split(f"\n## {slug}\n")[1].split("\n## ")[0]
            assert "Bad" in section
            assert section.count("```") >= 4
            assert section.count("```") % 2 == 0
