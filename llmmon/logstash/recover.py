"""Reads on behind a mistake, so that one run says all: what is wrong is blanked out, and the rest read again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.logstash.parser import parse
from llmmon.logstash.scanner import LogstashError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.nodes import Config

_BUDGET = 4_000_000  # characters that are read again; a pipeline has some tens of thousands
_MOST = 50  # mistakes of one file
_BLANK = lazily.pattern(r"[^\n]")
# What a bracket may stand in without meaning anything.
_TOKEN = lazily.pattern(r"\"(?:\\\"|[^\"])*+\"|'(?:\\'|[^'])*+'|#[^\n]*+|[\[\]{}\n]|[^\"'#\[\]{}\n]++|.", re.DOTALL)
_SECTION = lazily.pattern(r"^(?:input|filter|output)\s*\{", re.MULTILINE)


def parse_all(text: str) -> tuple[Config | None, list[LogstashError]]:
    """What can be read of a configuration, and each mistake in it. Only the first one is beyond doubt.

    That a bracket is never closed may come of one before it: it is said alone.
    """
    config, errors = _parse_all(text)
    return config, [error for error in errors if error is errors[0] or error.offset < len(text)]


def _parse_all(text: str) -> tuple[Config | None, list[LogstashError]]:
    errors: list[LogstashError] = []
    budget = _BUDGET
    try:
        return parse(text), errors
    except LogstashError as error:
        errors.append(error)
    while len(errors) < _MOST:
        config, following = None, None
        for start, end in _suspects(text, errors[-1]):
            budget -= len(text)
            if budget < 0:
                return None, errors
            shorter = text[:start] + _BLANK.sub(" ", text[start:end]) + text[end:]
            try:
                config = parse(shorter)
            except LogstashError as error:
                following = error
            if config or (following and following.offset >= end):
                text = shorter
                break
        else:
            return None, errors
        if config or following is None:
            return config, errors
        errors.append(following)
    return None, errors


def _suspects(text: str, error: LogstashError) -> Iterator[tuple[int, int]]:
    """What may be to blame, the smallest first: the rest of the option's line, a statement, a section."""
    lost = error.offset >= len(text) or text.startswith("{", error.offset)  # a brace is missing, nobody knows where
    for start in reversed(error.inside[1:] if not lost else ()):
        yield start, _end(text, start, error.offset)
    section = _SECTION.search(text, error.offset)
    if error.inside and section:
        yield error.inside[0], section.start()


def _end(text: str, start: int, offset: int) -> int:
    """Behind what begins here: at the end of the line, or before a bracket that it did not open."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if depth < 0:
                return max(token.start(), offset)
        elif token[0] == "\n" and depth == 0 and token.start() >= offset:
            return token.start()
    return len(text)
