"""Matchers in one line of text, as Alertmanager's two parsers read them: the classic one, and since 0.27 that of UTF-8.

From 0.27 on a text is read by both: what the new one cannot read, or reads otherwise, is what the classic one says.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily
from llmmon.classes import frozen
from llmmon.promql.regex import regex_fault

if TYPE_CHECKING:
    from llmmon.problem import Span

UTF8 = (0, 27)  # the first version with the new parser
_NAMED = (0, 28)  # the first that was built with a Go that reads `(?<name>...)`
_CLASSIC = lazily.pattern(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*\Z", re.DOTALL | re.ASCII)
_TOKEN = lazily.pattern(
    r"(?P<space>\s+)|(?P<punctuation>[{},])|(?P<op>=~|=|!=|!~)|(?P<text>\"(?:\\.|[^\"\\])*\"|[^\s{}!=~,\\\"'`]+)"
)
_QUOTED = lazily.pattern(
    r"\\(?:([abfnrtv\\\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.|\Z))", re.DOTALL
)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}


@frozen
class Matcher:
    """One condition on a label; a regular expression is anchored at both ends."""

    label: str
    op: str
    value: str

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.label}{self.op}"{escaped}"'


class Wrong(Exception):  # noqa: N818 - never leaves the reader of a configuration
    """Why a text holds no matchers, and where; `regex` where one of them is no regular expression."""

    def __init__(self, why: str, span: Span, regex: bool = False) -> None:
        super().__init__(why)
        self.why, self.span, self.regex = why, span, regex


class Read(NamedTuple):
    """What a text says to each parser; None where that one refuses it."""

    matchers: tuple[Matcher, ...]
    classic: tuple[Matcher, ...] | None
    utf8: tuple[Matcher, ...] | None


@lru_cache(maxsize=32768)
def read(text: str, version: tuple[int, ...]) -> Read:
    """The matchers of one line. Raises `Wrong` where this version of Alertmanager refuses it."""
    named = version >= _NAMED
    try:
        classic: tuple[Matcher, ...] | None = tuple(_classic(text, named))
    except Wrong as error:
        if version < UTF8:
            raise
        classic, wrong = None, error
    if version < UTF8:
        return Read(classic or (), classic, None)
    try:
        utf8: tuple[Matcher, ...] | None = _Parser(text, named).matchers()
    except Wrong:
        if classic is None:
            raise wrong from None
        utf8 = None
    chosen = utf8 if classic is None else classic
    return Read(chosen or (), classic, utf8)


def _classic(text: str, named: bool) -> list[Matcher]:
    """Commas outside of quotes divide; one brace at each end is passed over."""
    first = int(text.startswith("{"))
    inner = text[first:].removesuffix("}")
    parts: list[tuple[str, int]] = []
    quoted = escaped = False
    begin = 0
    for at, char in enumerate(inner):
        if char == "," and not quoted:
            parts.append((inner[begin:at], begin))
            begin = at + 1
            continue  # a comma neither ends nor begins an escape
        if char == '"':
            quoted, escaped = (quoted, False) if escaped else (not quoted, False)
        else:
            escaped = char == "\\" and not escaped
    if inner[begin:].strip():
        parts.append((inner[begin:], begin))
    return [_one(part, first + at, named) for part, at in parts]


def _one(text: str, at: int, named: bool) -> Matcher:
    span = at, at + max(len(text), 1)
    found = _CLASSIC.match(text)
    if found is None:
        raise Wrong('this is no matcher: write NAME="VALUE"', span)
    label, op, raw = found.groups()
    closing = raw.startswith('"')
    value, pos, raw = "", 0, raw[closing:]
    while pos < len(raw):
        char = raw[pos]
        if char == "\\" and pos < len(raw) - 1:
            after = raw[pos + 1]
            value += {"n": "\n", '"': '"', "\\": "\\"}.get(after, char + after)
            pos += 2
            continue
        if char == '"':
            if not closing or pos < len(raw) - 1:
                raise Wrong('a double quote inside a value is written \\"', span)
            closing = False
        else:
            value += char
        pos += 1
    if closing:
        raise Wrong("the value has no closing quote", span)
    return _checked(Matcher(label, op, value), span, named)


def _checked(matcher: Matcher, span: Span, named: bool) -> Matcher:
    if "~" in matcher.op and (fault := regex_fault(matcher.value, named)):
        raise Wrong(f"{matcher.value!r} is no regular expression that Go reads: {fault}", span, regex=True)
    return matcher


class _Parser:
    """Names and values, each plain or in double quotes, with operators between them and commas behind them."""

    def __init__(self, text: str, named: bool) -> None:
        self.text, self.named = text, named
        self.tokens: list[tuple[str, str, Span]] = []
        self.at = 0
        pos = 0
        while pos < len(text):
            found = _TOKEN.match(text, pos)
            if found is None:
                raise Wrong(f"{text[pos]!r} cannot stand here without quotes", (pos, pos + 1))
            pos = found.end()
            if found.lastgroup != "space":
                self.tokens.append((str(found.lastgroup), found[0], found.span()))

    def matchers(self) -> tuple[Matcher, ...]:
        braces = self.take("{")
        out: list[Matcher] = []
        while not self.ends():
            out.append(self.matcher())
            if not self.take(","):
                break
        if braces != self.take("}") or self.at < len(self.tokens):
            raise Wrong("the braces do not match, or a comma is missing", self.span())
        return tuple(out)

    def matcher(self) -> Matcher:
        begin = self.span()[0]
        label = self.expect("text", "the name of a label belongs here")
        op = self.expect("op", "=, !=, =~ or !~ belongs here")
        value = self.expect("text", "a value belongs here, in double quotes")
        span = begin, self.tokens[self.at - 1][2][1]
        return _checked(Matcher(_unquoted(label, span), op, _unquoted(value, span)), span, self.named)

    def take(self, text: str) -> bool:
        taken = self.at < len(self.tokens) and self.tokens[self.at][:2] == ("punctuation", text)
        self.at += taken
        return taken

    def expect(self, kind: str, message: str) -> str:
        if self.at == len(self.tokens) or self.tokens[self.at][0] != kind:
            raise Wrong(message, self.span())
        self.at += 1
        return self.tokens[self.at - 1][1]

    def ends(self) -> bool:
        return self.at == len(self.tokens) or self.tokens[self.at][1] == "}"

    def span(self) -> Span:
        end = len(self.text)
        return self.tokens[self.at][2] if self.at < len(self.tokens) else (max(end - 1, 0), end)


def _unquoted(text: str, span: Span) -> str:
    """As Go reads a string in double quotes."""
    if not text.startswith('"'):
        return text
    if "\n" in text:
        raise Wrong("a line break inside quotes is written \\n", span)

    def escape(found: re.Match[str]) -> str:
        letter, *codes, octal, other = found.groups()
        if letter:
            return _LETTERS[letter]
        code = int(octal, 8) if octal else next((int(code, 16) for code in codes if code), -1)
        if other is not None or not 0 <= code <= 0x10FFFF or 0xD800 <= code < 0xE000:
            raise Wrong(f"{found[0]} is no escape: a backslash is written \\\\", span)
        return chr(code)

    return _QUOTED.sub(escape, text[1:-1])
