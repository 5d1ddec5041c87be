"""Any string becomes Markdown that shows it and does nothing else: the one place that escapes for Markdown and HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from llmmon import lazily

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPECIAL = lazily.pattern(r"([\\`*_\[\]|~$!#])|^([-+=])|^(\d{1,9})(?=[.)])", re.ASCII)
_TICKS = lazily.pattern("`+")
_FENCES = lazily.pattern("^ *(`{3,})", re.MULTILINE)
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SCHEME = lazily.pattern("[A-Za-z][A-Za-z0-9+.-]*:")
_PIPE = lazily.pattern(r"(?<!\\)\|")
_IN_URL = "!#$%&'*+,/:;=?@~-._[]"  # round brackets would end a link


def text(value: str) -> str:
    """Words on one line: no emphasis, link, heading, list, table cell or tag comes of them."""
    line = _line(value).translate(_ENTITIES)
    return _SPECIAL.sub(lambda m: f"{m[3]}\\" if m[3] else f"\\{m[1] or m[2]}", line)


def code(value: str) -> str:
    """An inline code span, also of a value that has backticks."""
    line = _line(value)
    if not line:
        return ""
    fence = "`" * (max(map(len, _TICKS.findall(line)), default=0) + 1)
    padding = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def block(value: str, language: str = "") -> str:
    """A fenced block, its fence longer than any inside."""
    body = "\n".join(map(_printable, value.split("\n"))).rstrip("\n")
    fence = "`" * max(3, 1 + max(map(len, _FENCES.findall(body)), default=0))
    return f"{fence}{language}\n{body}\n{fence}"


def link(shown: str, url: str) -> str:
    """A link to a web address or to a file beside this one; anything else, such as `javascript:`, is shown as code."""
    address = _line(url)
    scheme = _SCHEME.match(address)
    if scheme and scheme[0].lower() not in ("http:", "https:"):
        return f"{text(shown)} ({code(address)})"
    return f"[{text(shown)}]({quote(address, safe=_IN_URL)})"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells are Markdown already, each on one line."""
    titles = tuple(head)
    lines = (titles, tuple("---" for _ in titles), *rows)
    return "\n".join("| " + " | ".join(_PIPE.sub(r"\|", cell) for cell in cells) + " |" for cells in lines)


def comment(value: str) -> str:
    """An HTML comment that nothing inside can end."""
    return f"<!-- {re.sub('-(?=-)|>|<', lambda m: m[0] + ' ' if m[0] == '-' else ' ', _line(value))} -->"


def _line(value: str) -> str:
    return " ".join(_printable(value).split())


def _printable(value: str) -> str:
    return value if value.isprintable() else "".join(char if char.isprintable() else " " for char in value)
