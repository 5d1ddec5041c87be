"""Markdown that people wrote, taken apart into words and code, each with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen
from llmmon.problem import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys, Positioned, Span

_BLOCK = re.compile(
    r"^[ ]*(?P<fence>`{3,}|~{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)(?:^[ ]*(?P=fence)[`~]*[ ]*$|\Z)", re.M | re.S
)
_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<body>.+?)(?<!`)(?P=ticks)(?!`)", re.S)


@frozen
class Piece:
    """Words, a code span or a fenced block; `start` is where its text begins in the whole."""

    kind: Literal["words", "span", "block"]
    text: str
    start: int
    language: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """All of the text in order, without the marks around code."""
    at = 0
    for block in _BLOCK.finditer(text):
        yield from _spans(text[at : block.start("language")], at)
        yield Piece("block", block["body"], block.start("body"), block["language"].strip())
        at = block.end()
    yield from _spans(text[at:], at)


def _spans(text: str, start: int) -> Iterator[Piece]:
    at = 0
    for span in _SPAN.finditer(text):
        yield Piece("words", text[at : span.start("body")], start + at)
        yield Piece("span", span["body"], start + span.start("body"))
        at = span.end("body")
    yield Piece("words", text[at:], start + at)


@frozen
class Place:
    """A place in a text that is no YAML; its keys lead nowhere, a span counts from it."""

    path: str
    text: str
    offset: int

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        """Line and column, from 1."""
        before = self.text[: self.offset + (span[0] if span else 0)].split("\n")
        return len(before), len(before[-1]) + 1


def origin(document: Positioned, offset: int) -> Origin:
    """Where that character of a document is."""
    return Origin(Place(document.path, document.text.replace("\r\n", "\n"), offset))
