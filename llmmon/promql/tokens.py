"""Cuts the text of an expression: one regex for where a value stands, one for what follows it, one for a matcher."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from llmmon.lazily import pattern

from .functions import AGGREGATORS, NEW_AGGREGATORS

_WS: Final = r"[ \t\n\r]*"  # comments are blanked out before
_NAME: Final = r"[A-Za-z_:][A-Za-z0-9_:]*"
_LABEL: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_END: Final = r"(?![A-Za-z0-9_])"
_GROUPED: Final = rf"(?!(?i:inf|nan){_END}){_LABEL}"  # in a grouping those two are numbers
_DURATION: Final = rf"[0-9]+[smhdwy]s?(?:[0-9]+[smhdw]s?)*{_END}"
_NUMBER: Final = rf"(?:0[xX][0-9A-Fa-f_]*|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]*)?){_END}"
_STRING: Final = r'"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"' + r"|'[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'" + r"|`[^`]*`"

NAME, NAME_THEN, NUMBER, STRING, PAREN, BRACE, SIGN, DURATION = range(1, 9)
OPERAND: Final = re.compile(
    rf"{_WS}(?:({_NAME})(?:{_WS}([({{]))?|({_NUMBER})|({_STRING})|(\()|(\{{)|([-+])|({_DURATION}))"
).match

RANGE, SYMBOL, WORD, CLOSER, END, BRACKET, AT = range(1, 8)
INFIX: Final = re.compile(
    rf"{_WS}(?:\[{_WS}({_DURATION}){_WS}\]|([-+*/%^]|[=!<>]=|[<>])|({_NAME})|([),])|(\Z)|(\[)|(@))"
).match

MATCHER: Final = re.compile(rf"{_WS}({_LABEL}){_WS}(=~|!~|!=|=){_WS}({_STRING}){_WS}([,}}])").match
MODIFIER: Final = re.compile(rf"{_WS}(bool|on|ignoring)(?![A-Za-z0-9_:])", re.IGNORECASE).match
GROUP: Final = re.compile(rf"{_WS}group_(left|right)(?![A-Za-z0-9_:])", re.IGNORECASE).match
GROUPING: Final = re.compile(rf"{_WS}(by|without)(?![A-Za-z0-9_:])", re.IGNORECASE).match
LABELS: Final = re.compile(rf"{_WS}\({_WS}((?:{_GROUPED}(?:{_WS},{_WS}{_GROUPED})*{_WS},?)?){_WS}\)").match
LABEL: Final = re.compile(_LABEL).finditer
GROUPED: Final = re.compile(
    rf"{_WS}(by|without){_WS}\({_WS}({_GROUPED}(?:{_WS},{_WS}{_GROUPED})*){_WS}\){_WS}\(", re.IGNORECASE
).match
SERIES: Final = re.compile(rf"{_WS}({_NAME}){_WS}([\[{{])").match
RANGED: Final = re.compile(rf"{_WS}\[{_WS}({_DURATION}){_WS}(\]){_WS}\)").match
SKIP: Final = re.compile(_WS).match
OPEN: Final = re.compile(rf"{_WS}\(").match
CLOSE: Final = re.compile(rf"{_WS}\)").match
COMMA: Final = re.compile(rf"{_WS},").match
COLON: Final = re.compile(rf"{_WS}:").match
CLOSE_BRACE: Final = re.compile(rf"{_WS}\}}").match
CLOSE_BRACKET: Final = re.compile(rf"{_WS}\]").match
LABEL_AT: Final = pattern(rf"{_LABEL}|{_STRING}")
MATCH_OP: Final = pattern(rf"{_WS}(=~|!~|!=|=)")
STRING_NEXT: Final = pattern(rf"{_WS}({_STRING})")
INSTANT: Final = pattern(
    rf"([-+])?{_WS}(?:({_NUMBER})|(inf|nan){_END}|({_DURATION}))|(start|end){_WS}\({_WS}\)", re.IGNORECASE
)
DURATION_AT: Final = pattern(rf"({_DURATION})|({_NUMBER})")

_TOKEN: Final = pattern(
    rf"(?P<name>{_NAME})|(?P<number>{_NUMBER})|(?P<duration>{_DURATION})|(?P<string>{_STRING})"
    r"|(?P<op>[=!<>]=|=~|!~|[-+*/%^<>@=])|(?P<mark>[(){}\[\],:])"
)
_STRING_OR_BRACE: Final = pattern(rf"{_STRING}|[{{}}]")
_STRING_OR_COMMENT: Final = pattern(rf"{_STRING}|#[^\n\r]*")
_IN_BRACES: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_,=!{}\"'`")
_OPERATORS: Final = frozenset(("and", "or", "unless", "atan2"))
_KEYWORDS: Final = frozenset(
    ["offset", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "start", "end"]
)


def without_comments(text: str) -> str:
    """The text with blanks for comments, so that positions stay."""
    if "#" not in text:
        return text
    return _STRING_OR_COMMENT.sub(lambda found: " " * len(found[0]) if found[0][0] == "#" else found[0], text)


def quoted(text: str) -> str:
    """A piece of the expression inside a message."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def describe(text: str, at: int, braces: bool = False) -> tuple[str, int, bool]:
    """What stands at an index, its end, and whether the tokeniser itself would refuse it, here or inside braces."""
    if at >= len(text) and braces:
        return "unexpected end of input inside braces", at, True
    if braces and text[at] not in _IN_BRACES:
        return f"unexpected character inside braces: '{text[at]}'", at + 1, True
    if at >= len(text):
        code = _code(text)
        if code.count("(") > code.count(")"):
            return "unclosed left parenthesis", at, True
        if code.count("[") > code.count("]"):
            return "unclosed left bracket", at, True
        return "end of input", at, False
    found = _TOKEN.match(text, at)
    if found is None:
        return _broken(text, at)
    word, end = found[0], found.end()
    match found.lastgroup:
        case "name":
            return _describe_name(word), end, False
        case "op":
            if word == "=":
                return '"="', end, False
            if word in ("=~", "!~") and not braces:
                return f"unexpected character after '{word[0]}': '~'", at, True
            return f"<op:{word}>", end, False
        case "mark":
            before = _code(text[:end])
            if word == ")" and before.count(")") > before.count("("):
                return "unexpected right parenthesis ')'", end, True
            if word == "]":
                return "unexpected right bracket ']'", at, True
            if word == "}" and not braces:
                return f"unexpected character: '{word}'", end, True
            return f'"{word}"', end, False
        case kind:
            return f"{kind} {quoted(word)}", end, False


def _code(text: str) -> str:
    """The text without strings, and without what is in braces that are closed; each is looked at once."""
    out: list[str] = []
    start, opened = 0, False
    for found in _STRING_OR_BRACE.finditer(text):
        if found[0] == "}":
            start = found.end() if opened else start
            opened = False
        elif not opened:
            out.append(text[start : found.start()])
            opened = found[0] == "{"
            start = found.start() if opened else found.end()
    return "".join((*out, text[start:]))


def _describe_name(name: str) -> str:
    word = name.lower()
    if word in _OPERATORS:
        return f"<op:{name}>"
    if word in _KEYWORDS:
        return f"<{name}>"
    if word in AGGREGATORS or word in NEW_AGGREGATORS:
        return f"<aggr:{name}>"
    if word in ("inf", "nan"):
        return f'number "{name}"'
    return f'{"metric identifier" if ":" in name else "identifier"} "{name}"'


def _broken(text: str, at: int) -> tuple[str, int, bool]:
    char = text[at]
    if char in "\"'`":
        return string_problem(text, at), at + 1, True
    if char.isdigit() and char.isascii():
        found = re.compile(r"[A-Za-z0-9_.]+").match(text, at)
        end = found.end() if found else at + 1
        return f"bad number or duration syntax: {quoted(text[at:end])}", end, True
    if char in "=!":
        rest = repr(text[at + 1]) if at + 1 < len(text) else "end of input"
        return f"unexpected character after '{char}': {rest}", at + 1, True
    return f"unexpected character: {char!r}", at + 1, True


_ESCAPE: Final = pattern(r"\\(?:([abfnrtv\\'\"])|([0-7]{3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_SIMPLE: Final = dict(zip("abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\"", strict=True))


def string_problem(text: str, at: int) -> str:
    """Why no string starts here, in promtool's words; empty if one does."""
    quote = text[at]
    if quote == "`":
        end = text.find("`", at + 1)
        if end < 0:
            return "unterminated raw string"
        return "invalid UTF-8 rune" if "\ufffd" in text[at:end] else ""
    pos = at + 1
    while pos < len(text):
        char = text[pos]
        if char == quote:
            return ""
        if char == "\n":
            break
        if char == "\ufffd":
            return "invalid UTF-8 rune"
        if char == "\\":
            problem, pos = _escape_problem(text, pos, quote)
            if problem:
                return problem
        else:
            pos += 1
    return "unterminated quoted string"


def _escape_problem(text: str, at: int, quote: str) -> tuple[str, int]:
    found = _ESCAPE.match(text, at)
    char = text[at + 1 : at + 2]
    if not char:
        return "escape sequence not terminated", at
    if found is None:
        if char in "01234567xuU":
            return f"illegal character in escape sequence {quoted(text[at : at + 4])}", at
        return f"unknown escape sequence U+{ord(char):04X} '{char}'", at
    simple, octal, _, short, long = found.groups()
    if simple in ("'", '"') and simple != quote:
        return f"unknown escape sequence U+{ord(simple):04X} '{simple}'", at
    code = int(octal, 8) if octal else int(short or long or "0", 16)
    if (octal and code > 255) or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return "escape sequence is an invalid Unicode code point", at
    return "", found.end()


def unquote(raw: str) -> str | None:
    """The value of a string in any of the three quotes, None if an escape or a character is wrong.

    Bytes that are no UTF-8 (`"\\xff"`) come out as the surrogates of Python's `surrogateescape`. Prometheus reads the
    replacement character U+FFFD as broken UTF-8.
    """
    if "\ufffd" in raw:
        return None
    if raw[0] == "`" or "\\" not in raw:
        return raw[1:-1]
    if string_problem(raw, 0):
        return None
    body = _ESCAPE.sub(_unescape, raw[1:-1])
    return body.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _unescape(found: re.Match[str]) -> str:
    simple, octal, byte, short, long = found.groups()
    if simple:
        return _SIMPLE[simple]
    if short or long:
        return chr(int(short or long, 16))
    code = int(octal, 8) if octal else int(byte, 16)
    return chr(code) if code < 0x80 else chr(0xDC00 + code)  # a byte, not a code point


_UNITS: Final = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_PARTS: Final = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?"
).fullmatch
LONGEST: Final = (1 << 63) // 1_000_000  # nanoseconds in an int64, as milliseconds


@lru_cache(maxsize=1024)
def milliseconds(duration: str) -> int | None:
    """`1h30m` in milliseconds, None if it is no duration. Prometheus wants its units from large to small, each once."""
    parts = _PARTS(duration)
    if parts is None:
        return None
    total = 0
    for count, unit in zip(parts.groups(), _UNITS.values(), strict=True):
        if count:
            total += int(count[-20:]) * unit if len(count.lstrip("0")) <= 20 else LONGEST + 1
    return total


def number(text: str) -> float | None:
    """The value of a number as Go reads it: `0x1f`, `017` is octal, `1_000`; None if Go would not."""
    lower = text.lower()
    try:
        if lower.startswith("0x"):
            value = int(lower, 16)
            return float(value) if value < 1 << 63 else None
        if len(lower) > 1 and lower[0] == "0" and lower.replace("_", "").isdigit():
            digits = lower.replace("_", "")
            octal = int(digits, 8) if not set(digits) & {"8", "9"} else 1 << 63
            if octal < 1 << 63:
                return float(octal)
            lower = digits  # what is no int64 is read again, as a decimal number
        value_ = float(lower)
    except ValueError:
        return None
    return None if value_ == float("inf") and lower != "inf" else value_
