"""A template's text becomes tokens with their places; the same faults as in Go, in words of our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Span

KEYWORDS = frozenset(("block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"))
_WORDS = KEYWORDS | {"true", "false"}
_LEFT, _RIGHT = "{{", "}}"
_SPACE = lazily.pattern(r"[ \t\r\n]+")
_NAME = lazily.pattern(r"\w+")
_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')
_CHARACTER = re.compile(r"'(?:[^'\\\n]|\\[^\n])*'")
_RAW = re.compile(r"`[^`]*`")
_NUMBER = lazily.pattern(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_CLOSES = lazily.pattern(r"([ \t\r\n]-)?\}\}")
_SIMPLE = lazily.pattern(r"\{\{( *)(\$\w*)(\.[^\W\d]\w*)?( *)(?:(\|)( *)([a-zA-Z_]\w*)( *))?\}\}")
_KINDS = ("space", "variable", "field", "space", "|", "space", "name", "space")
_ENDS_WORD = frozenset(" \t\r\n.,|:()")


class TemplateError(Exception):
    """Where a template is wrong, and how; `undefined` says that a name means nothing, `meant` what it was to be."""

    def __init__(self, message: str, span: Span, undefined: bool = False, meant: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.undefined = undefined
        self.meant = meant


class Token(NamedTuple):
    """`kind` is text, left, right, space, name, keyword, bool, field, variable, number, string, character or the
    character itself; `spaced` says whether there is space before it."""

    kind: str
    text: str
    start: int

    @property
    def span(self) -> Span:
        return self.start, self.start + len(self.text)


def tokens(text: str) -> Iterator[Token]:
    """Texts and the parts of actions, up to `end`. Raises `TemplateError` where Go's lexer stops."""
    at, trim = 0, False
    while (left := text.find(_LEFT, at)) >= 0:
        inside, after = left + 2, left + 2
        trims_before = text.startswith("-", inside) and text[inside + 1 : inside + 2] in (" ", "\t", "\r", "\n")
        piece = text[at:left]
        if trim:
            piece = piece.lstrip(" \t\r\n")
        if trims_before:
            piece = piece.rstrip(" \t\r\n")
            after = inside + 2
        if piece:
            yield Token("text", piece, at)
        if text.startswith("/*", after):
            at, trim = _comment(text, left, after)
            continue
        yield Token("left", _LEFT, left)
        simple = _SIMPLE.match(text, left)
        if simple and simple[7] not in _WORDS:  # which most are
            yield from (
                Token(kind, simple[group], simple.start(group)) for group, kind in enumerate(_KINDS, 1) if simple[group]
            )
            at, trim = simple.end(), False
            continue
        lexer = _Action(text, after, left)
        yield from lexer.tokens()
        at, trim = lexer.at, lexer.trim
    rest = text[at:].lstrip(" \t\r\n") if trim else text[at:]
    if rest:
        yield Token("text", rest, len(text) - len(rest))
    yield Token("end", "", len(text))


def _comment(text: str, left: int, start: int) -> tuple[int, bool]:
    end = text.find("*/", start + 2)
    if end < 0:
        raise TemplateError("this comment does not end: close it with */}}", (left, left + 2))
    trim = re.match(r"[ \t\r\n]-", text[end + 2 : end + 4]) is not None
    close = end + 4 if trim else end + 2
    if not text.startswith(_RIGHT, close):
        raise TemplateError("a comment ends with */}} and stands alone between the braces", (left, left + 2))
    return close + 2, trim


class _Action:
    """What stands between the braces."""

    def __init__(self, text: str, start: int, left: int) -> None:
        self.text = text
        self.at = start
        self.left = left
        self.trim = False
        self.open = 0  # parentheses

    def tokens(self) -> Iterator[Token]:
        while True:
            if self.closes():
                return
            if self.at >= len(self.text):
                raise TemplateError("{{ is not closed: write }}", (self.left, self.left + 2))
            yield self.token()

    def closes(self) -> bool:
        text, at = self.text, self.at
        closing = _CLOSES.match(text, at)
        if closing is None:
            return False
        trimmed = closing[1]
        if self.open:
            raise TemplateError("a parenthesis is not closed before }}", (self.left, at))
        self.trim = trimmed is not None
        self.at = closing.end()
        return True

    def token(self) -> Token:
        text, start = self.text, self.at
        if found := _SPACE.match(text, start):
            stop = found.end()
            if text.startswith("-}}", stop):
                stop -= 1  # the space belongs to the right side
            if stop > start:
                return self.made("space", stop)
        char = text[start]
        if char == '"':
            return self.quoted(_STRING, "string", "this text is not closed: write the second quote")
        if char == "'":
            return self.quoted(_CHARACTER, "character", "this character is not closed: texts are in double quotes")
        if char == "`":
            return self.quoted(_RAW, "string", "this text is not closed: write the second backquote")
        if char in "|,()=":
            self.parenthesis(char, start)
            return self.made(char, start + 1)
        if char == ":":
            if text.startswith(":=", start):
                return self.made(":=", start + 2)
            raise TemplateError("a single colon means nothing here: write :=", (start, start + 1))
        if char == "$":
            return self.word("variable", start + 1)
        if char == ".":
            if text[start + 1 : start + 2].isdigit():
                return self.number()
            field = _NAME.match(text, start + 1)
            return self.word("field", start + 1) if field else self.dot()
        if char in "+-" or char.isdigit():
            return self.number()
        if _NAME.match(char):
            return self.word("name", start)
        advice = (
            "a template does not compute, so do that in an expression" if char in "*/%" else "remove it, or quote it"
        )
        raise TemplateError(f"{char!r} means nothing in an action: {advice}", (start, start + 1))

    def dot(self) -> Token:
        following = self.text[self.at + 1 : self.at + 2]
        if following and following not in _ENDS_WORD and not self.text.startswith(_RIGHT, self.at + 1):
            raise TemplateError(f"{following!r} cannot follow a dot", (self.at, self.at + 2))
        return self.made(".", self.at + 1)

    def word(self, kind: str, begin: int) -> Token:
        found = _NAME.match(self.text, begin)
        stop = found.end() if found else begin
        following = self.text[stop : stop + 1]
        if following and following not in _ENDS_WORD and not self.text.startswith(_RIGHT, stop):
            raise TemplateError(f"{following!r} cannot stand in a name", (self.at, stop + 1))
        word = self.text[self.at : stop]
        if kind == "name":
            kind = "keyword" if word in KEYWORDS else "bool" if word in ("true", "false") else "name"
        return self.made(kind, stop)

    def number(self) -> Token:
        found = _NUMBER.match(self.text, self.at)
        stop = found.end() if found else self.at
        if _NAME.match(self.text, stop) or not any(char.isdigit() for char in self.text[self.at : stop]):
            raise TemplateError("this is no number: leave a space behind it", (self.at, stop + 1))
        return self.made("number", stop)

    def quoted(self, pattern: re.Pattern[str], kind: str, message: str) -> Token:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise TemplateError(message, (self.at, self.at + 1))
        return self.made(kind, found.end())

    def parenthesis(self, char: str, start: int) -> None:
        self.open += (char == "(") - (char == ")")
        if self.open < 0:
            raise TemplateError("there is no ( for this )", (start, start + 1))

    def made(self, kind: str, stop: int) -> Token:
        token = Token(kind, self.text[self.at : stop], self.at)
        self.at = stop
        return token
