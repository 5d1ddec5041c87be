"""Escaping: whatever the string, Markdown shows it and does nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # rich, which we depend on, brings it

from llmmon import markdown

READER = MarkdownIt("commonmark").enable("table")
HOSTILE = st.text(st.sampled_from("`*_[]()<>&|\\#!~-+=1. \n\t{}$'\"/:ab\u202e\x00"), max_size=30)
QUIET = settings(derandomize=True, deadline=None, max_examples=300)


def shown(value: str) -> str:
    """What one line of words shows: what is not printable is a blank, and blanks are one."""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())


@given(HOSTILE)
@QUIET
def test_text_is_shown_as_it_is(value: str) -> None:
    tokens = READER.parse(markdown.text(value))
    if not shown(value):
        assert tokens == []
        return
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == shown(value)


@given(HOSTILE)
@QUIET
def test_code_is_shown_as_it_is(value: str) -> None:
    if not shown(value):
        assert markdown.code(value) == ""
        return
    [child] = READER.parse(f"x{markdown.code(value)}")[1].children[1:]  # type: ignore[index] # an inline has children
    assert (child.type, child.content) == ("code_inline", shown(value))


@given(HOSTILE)
@QUIET
def test_a_block_holds_all_of_its_text(value: str) -> None:
    [token] = READER.parse(markdown.block(value, "promql"))
    assert (token.type, token.info) == ("fence", "promql")


@given(HOSTILE, HOSTILE)
@QUIET
def test_a_link_is_a_link_or_code(words: str, url: str) -> None:
    tokens = READER.parse(f"x {markdown.link(words, url)}")
    kinds = {child.type for child in tokens[1].children or []}
    assert kinds <= {"text", "text_special", "link_open", "link_close", "code_inline"}
    assert len(tokens) == 3


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=3))
@QUIET
def test_a_table_keeps_its_cells(rows: list[tuple[str, str]]) -> None:
    cells = [(markdown.text(a) or "-", markdown.code(b) or "-") for a, b in rows]
    tokens = READER.parse(markdown.table(("A", "B"), cells))
    assert sum(token.type == "td_open" for token in tokens) == 2 * len(rows)
    assert tokens[-1].type == "table_close"


@given(HOSTILE)
@QUIET
def test_nothing_inside_ends_a_comment(value: str) -> None:
    text = markdown.comment(value)
    assert text.index("-->") == len(text) - 3
    assert text.count("<!--") == 1
    assert "--" not in text[4:-3]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://grafana.example/d/chat?a=b&c=d#e", "[see](https://grafana.example/d/chat?a=b&c=d#e)"),
        ("SlowTTFT.md", "[see](SlowTTFT.md)"),
        ("https://x.example/a b(c)|d", "[see](https://x.example/a%20b%28c%29%7Cd)"),
        ("javascript:alert(1)", "see (`javascript:alert(1)`)"),
        (" data:text/html,x", "see (`data:text/html,x`)"),
    ],
)
def test_only_web_addresses_and_files_become_links(url: str, written: str) -> None:
    assert markdown.link("see", url) == written
