"""The reference pages of the lint rules, one for each family, made from what the rules say of themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily, plugins
from llmmon.selection import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.selection import About

_HEAD = "Made by `make schema` from the rules themselves; edits are lost. `llmmon rule SLUG` prints one of these.\n"
_INDENTED = lazily.pattern(r"(?:^ {4}.*\n(?:\n(?= {4}))?)+", re.MULTILINE)


def pages() -> Iterator[tuple[str, str]]:
    """Each family with its page, in Markdown."""
    every = list(known().values())
    for family in sorted({about.family for about in every}):
        rules = [about for about in every if about.family == family]
        lines = [
            f"# Rules: {family}\n",
            _HEAD,
            "| rule | codes | level | advice | finds | also found by |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(about) for about in rules]
        lines += [_section(about) for about in rules if about.slug in _of(family)]
        yield family, "\n".join(lines)


def _of(family: str) -> frozenset[str]:
    return frozenset(plugins.rules(family)) if family in plugins.families() else frozenset()


def _row(about: About) -> str:
    link = f"[{about.slug}](#{about.slug})" if about.slug in _of(about.family) else about.slug
    advice = "all" if about.advice == about.codes else " ".join(about.advice)
    cells = (link, " ".join(about.codes), about.level, advice, about.says, ", ".join(about.peers))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _section(about: About) -> str:
    """A rule's own words; its examples are blocks."""
    taste = "" if plugins.rules(about.family)[about.slug].default else ", asked only where it is selected"
    words = _INDENTED.sub(lambda found: _block(found[0]), plugins.page(about.family, about.slug).strip() + "\n")
    return f"\n## {about.slug}\n\n{about.graded}{taste}.\n\n{words.rstrip()}\n"


def _block(text: str) -> str:
    body = "\n".join(line.removeprefix("    ") for line in text.rstrip("\n").split("\n"))
    return f"```\n{body}\n```\n"
