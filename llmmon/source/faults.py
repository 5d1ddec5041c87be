"""Why a text cannot be read, at its line and column, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from yaml.reader import ReaderError

from llmmon.lazily import pattern
from llmmon.problem import Origin, Problem
from llmmon.source import composer
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from llmmon.source.document import Document

_ADVICE = {  # what libyaml says, and what helps
    "found a tab character that violates indentation": "indent with spaces",
    "found character that cannot start any token": "indent with spaces, not tabs, and quote what begins with @ ` %",
    "mapping values are not allowed in this context": "quote a text that holds `: `, or write one key per line",
    "did not find expected ',' or ']'": "close the bracket, or quote what has one inside",
    "did not find expected ',' or '}'": "close the brace, or quote what has one inside",
    "found unexpected end of stream": "close the quote",
    "could not find expected ':'": "write `key: value`",
    "found undefined alias": "define it before with &",
    "found another document": "write one file per service, or `system:` with several services",
}
_CONTROL = pattern(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def unreadable(document: Document, error: composer.TooDeep | yaml.MarkedYAMLError | ReaderError) -> Problem:
    """What the composer says of a text."""
    match error:
        case composer.TooDeep():
            return too_deep(document, error.mark)
        case yaml.MarkedYAMLError():
            return at(document, error.problem_mark or error.context_mark, _explained(error), "yaml-syntax")
        case ReaderError():
            return _control(document, error.position)


def at(document: Document, mark: composer.Mark | None, message: str, rule: str) -> Problem:
    """A problem at a place that libyaml names, if it does."""
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(Origin(Spot(document.path, document.text, line, column)), message, rule)


def at_index(document: Document, message: str, index: int, rule: str) -> Problem:
    """A problem at a code point of the text."""
    line = document.text.count("\n", 0, index) + 1
    column = index - (document.text.rfind("\n", 0, index) + 1) + 1
    return Problem(Origin(Spot(document.path, document.text, line, column)), message, rule)


def too_deep(document: Document, mark: composer.Mark) -> Problem:
    """Of what is nested; its line is near enough."""
    message = f"nested deeper than {composer.MAX_DEPTH} levels, which no spec needs: close the brackets"
    return Problem(Origin(Spot(document.path, document.text, mark.line + 1, 1)), message, "too-deep")


def _explained(error: yaml.MarkedYAMLError) -> str:
    what = ": ".join(part for part in (error.context, error.problem) if part)
    advice = next((text for said, text in _ADVICE.items() if said in what), None)
    return f"not YAML: {what}" + (f"; {advice}" if advice else "")


def _control(document: Document, position: int) -> Problem:
    """A character that no YAML file may hold; libyaml counts bytes or characters, so it is looked for here."""
    found = _CONTROL.search(document.text)
    offset = found.start() if found else min(position, len(document.text))
    before = document.text[:offset].split("\n")
    code = ord(document.text[offset]) if offset < len(document.text) else 0
    message = f'not YAML: the control character U+{code:04X}: remove it, or write "\\u{code:04x}" in double quotes'
    spot = Spot(document.path, document.text, len(before), len(before[-1]) + 1)
    return Problem(Origin(spot), message, "yaml-syntax")
