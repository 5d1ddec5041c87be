"""Rules that nobody would write: long chains, long circles, thousands of one name; the linter survives them."""

from __future__ import annotations

import pytest

from llmmon import foreign, lint

MANY = 5_000
CHAINS = {
    "arithmetic": " + ".join(["up"] * MANY) + " > 1",
    "numbers": "x > " + " + ".join(["1"] * MANY),
    "conditions": " and ".join(["up > 5"] * MANY),
    "alternatives": " or ".join(["absent(x)"] * MANY),
    "comparisons": "x" + " > 5" * MANY,
    "quotients": " / ".join(["sum(x)"] * MANY) + " > 1",
    "itself": " or ".join(["a:b"] * MANY),
    "aggregations": "topk(1, " * 100 + "x" + ")" * 100 + " > 1",
}
FAMILIES = ("alerts", "records", "groups", "corpus")


def said(tmp_path: object, text: str) -> list[str]:
    """What the rules about rules say of a file."""
    path = tmp_path / "rules.yml"  # type: ignore[operator]
    path.write_text(text)
    mine = {
        slug for family in FAMILIES for rules in lint.chosen((family,), lambda *_: True).values() for slug, _ in rules
    }
    return [p.message for p in foreign.lint_paths([path], wanted=lambda slug, _: slug in mine).problems]


@pytest.mark.parametrize("chain", CHAINS)
def test_a_long_chain_is_followed_or_left_alone(tmp_path: object, chain: str) -> None:
    rules = [f"{{alert: A, expr: '{CHAINS[chain]}'}}", f"{{record: 'a:b', expr: '{CHAINS[chain]}'}}"]
    assert said(tmp_path, f"groups: [{{name: a, rules: [{', '.join(rules)}]}}]\n")


def test_a_long_circle_is_said_in_a_few_words(tmp_path: object) -> None:
    ring = ", ".join(f"{{record: 'a:r{i}', expr: 'a:r{(i + 1) % MANY}'}}" for i in range(MANY))
    circles = [
        message for message in said(tmp_path, f"groups: [{{name: a, rules: [{ring}]}}]\n") if "circle" in message
    ]
    assert len(circles) == 1
    assert len(circles[0]) < 200
