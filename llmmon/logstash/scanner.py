"""Reads the smallest pieces of the Logstash configuration language, and says what was expected where one is missing."""

from __future__ import annotations

import re
from typing import NoReturn

from llmmon import lazily
from llmmon.logstash.nodes import FieldReference, Number, Regex, String

MAX_DEPTH = 100  # levels of braces, brackets, parentheses

_SPACE = lazily.pattern(r"(?:[ \t\r\n]++|#[^\r\n]*+(?:\r?\n|\Z))*+")
_NUMBER = lazily.pattern(r"-?[0-9]++(?:\.[0-9]*+)?")
_DOUBLE = re.compile(r'"((?:\\"|[^"])*+)"')
_SINGLE = re.compile(r"'((?:\\'|[^'])*+)'")
_REGEX = lazily.pattern(r"/((?:\\/|[^/])*+)/")
_FIELD = lazily.pattern(r"(?:\[[^\]\[,]++\])++")
_FOUND = lazily.pattern(r"[A-Za-z0-9_-]++|[^\s\w]{1,3}|\S")

# What people write, and what it should have been.
_HINTS = {
    "&&": 'write "and"',
    "||": 'write "or"',
    "=": 'write "=>" for an option, "==" in a condition',
    ":": 'write "=>" between an option and its value',
    "->": 'write "=>" between an option and its value',
    ",": "options and hash entries are separated by whitespace alone, and the last element of an array has no comma",
    ";": "options are separated by whitespace alone",
    "elif": 'write "else if"',
    "elsif": 'write "else if"',
    "not": 'write "!" before a field or a parenthesis, "not in" with one space between two values',
    "//": 'a comment starts with "#"',
    "/*": 'a comment starts with "#"',
    "\ufeff": "remove the byte order mark",
}
_ONE_LETTER = " (a word of one letter needs quotes)"


class LogstashError(ValueError):
    """The text is not a Logstash configuration: `message` says what was expected, `offset` where."""

    def __init__(self, message: str, offset: int, text: str = "") -> None:
        self.message, self.offset = message, offset
        self.inside: tuple[int, ...] = ()  # where the sections, statements and options begin that it is in
        self.line, self.column = position(text, offset)
        super().__init__(f"line {self.line}, column {self.column}: {message}")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from one."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class Scanner:
    """A text: each method takes an offset, and returns a node or the offset behind something, or raises."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)
        self.depth = 0
        self.inside: list[int] = []
        self.farthest: LogstashError | None = None  # of the alternatives that were given up

    def number(self, at: int) -> Number | None:
        number = _NUMBER.match(self.text, at)
        return Number(number.span(), number[0]) if number else None

    def string(self, at: int) -> String:
        quoted = (_DOUBLE if self.text[at] == '"' else _SINGLE).match(self.text, at)
        if not quoted:
            quote = self.text[at]
            escaped = f"\\{quote}" in self.text[at:]
            self.error(
                f"this string is not closed by a {quote}"
                + (f"; \\{quote} does not close it, so a string cannot end in a backslash" if escaped else ""),
                at,
            )
        return String(quoted.span(), quoted[1])

    def pattern(self, at: int, wanted: str) -> String | Regex:
        if self.text.startswith(('"', "'"), at):
            return self.string(at)
        if not self.text.startswith("/", at):
            self.fail(at, wanted)
        regex = _REGEX.match(self.text, at) or self.error('this regular expression is not closed by a "/"', at)
        return Regex(regex.span(), regex[1])

    def field(self, at: int) -> FieldReference | None:
        field = _FIELD.match(self.text, at)
        return FieldReference(field.span(), tuple(field[0][1:-1].split("]["))) if field else None

    def space(self, at: int) -> int:
        """The offset behind whitespace and comments."""
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]  # it also matches nothing

    def expect(self, literal: str, at: int, wanted: str) -> int:
        if not self.text.startswith(literal, at):
            self.fail(at, wanted)
        return at + len(literal)

    def enter(self, at: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.error(f"nested more than {MAX_DEPTH} levels deep", at)

    def unclosed(self, at: int, opening: str) -> NoReturn:
        closing = {"{": "}", "[": "]", "(": ")"}[opening]
        line, column = position(self.text, at)
        self.error(f'expected "{closing}", which closes the "{opening}" of line {line}, column {column}', self.end)

    def fail(self, at: int, wanted: str) -> NoReturn:
        found = _FOUND.match(self.text, at)
        if not found:
            self.error(f"expected {wanted}, found the end of the file", at)
        why = _ONE_LETTER if wanted.startswith("a value") and len(found[0]) == 1 and found[0].isalpha() else ""
        self.error(f'expected {wanted}, found "{found[0][:40]}"{why or hint(found[0])}', at)

    def error(self, message: str, at: int) -> NoReturn:
        error = LogstashError(message, at, self.text)
        error.inside = tuple(self.inside)
        raise error

    def give_up(self, error: LogstashError, before: tuple[int, int]) -> None:
        """Another alternative is tried; should it fail too, the one that came farther has the better message."""
        self.depth = before[0]
        del self.inside[before[1] :]
        if not self.farthest or error.offset > self.farthest.offset:
            self.farthest = error


def hint(found: str) -> str:
    """What was meant by what somebody wrote, in parentheses."""
    return next((f" ({_HINTS[key]})" for key in (found, found[:2], found[:1]) if key in _HINTS), "")
