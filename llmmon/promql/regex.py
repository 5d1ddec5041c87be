"""Whether a label's regex is one that RE2 takes: no look-around, no back-references, no possessive operators."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Final

from llmmon.lazily import pattern

_EASY: Final = re.compile(
    r"(?:[^\\.+*?()|\[\]{}^$]|\.[*+]?\??(?![*+?])|\||\\[.\-+*?()|\[\]{}^$/dwsDWSb]|"
    r"\((?:\?:)?(?:[^\\.+*?()|\[\]{}^$]|\.[*+]?(?![*+?])|\||\\[.\-+/dwsDWS])*\)\??(?![*+?])|\[[\w.]+\][*+]?(?![*+?]))*"
).fullmatch
_GROUP: Final = pattern(r"\(\?(?:P<([A-Za-z0-9_]+)>|<([A-Za-z0-9_]+)>|([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)]))")
_FLAGS: Final = pattern(r"(?<!\\)\(\?[imsU-]*\)")  # which Python takes only at the beginning
_REPEAT: Final = pattern(r"\{([0-9]+)(,?)([0-9]*)\}")
_CLASS_ESCAPE: Final = pattern(r"\\(?:[dswDSW]|[pP](?:[A-Z]|\{\^?\w+\}))")
_ESCAPE: Final = pattern(
    r"\\(?:[afnrtv]|[1-7][0-7]{1,2}|0[0-7]{0,2}|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[\x00-/:-@\[-`{-\x7f])"
)
_ANCHOR: Final = pattern(r"\\[AbBz]")
_POSIX: Final = pattern(r"\[:\^?(.*?):\]", re.DOTALL)
_POSIX_NAMES: Final = frozenset(
    [
        "alnum",
        "alpha",
        "ascii",
        "blank",
        "cntrl",
        "digit",
        "graph",
        "lower",
        "print",
        "punct",
        "space",
        "upper",
        "word",
        "xdigit",
    ]
)


@lru_cache(maxsize=4096)
def regex_fault(pattern: str, named: bool = True) -> str:
    """What RE2 says of a pattern, empty if nothing; `named`: whether `(?<name>...)` is known (Prometheus 3)."""
    return "" if _EASY(pattern) else _fault(pattern, named)


@lru_cache(maxsize=4096)
def matches_empty(pattern: str) -> bool:
    """Whether a valid pattern matches the empty text; what Python cannot read counts as no."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `[[:alpha:]]` looks like a nested set to Python
            return re.fullmatch(_FLAGS.sub("", pattern).replace("{,", r"\{,"), "") is not None
    except (re.error, RecursionError, OverflowError):
        return False


def _fault(pattern: str, named: bool) -> str:
    pos, end = 0, len(pattern)
    opened: list[int] = []
    names: set[str] = set()
    atom = repeated = False  # whether an operator may follow; whether one has just been
    while pos < end:
        char = pattern[pos]
        if char in "*+?" or (char == "{" and _REPEAT.match(pattern, pos)):
            stop, fault = _repetition(pattern, pos)
            if not atom:
                fault = f"missing argument to repetition operator: `{pattern[pos:stop]}`"
            elif repeated:
                fault = f"invalid nested repetition operator: `{pattern[pos - 1 : stop]}`"
            if fault:
                return fault
            pos, repeated = stop, True
            continue
        before, repeated, atom = atom, False, True
        if char == "(":
            if pattern.startswith("(?", pos):
                stop, fault, group = _opening(pattern, pos, named, names)
                if fault:
                    return fault
            else:
                stop, group = pos + 1, True
            if group:
                opened.append(pos)
                atom = False
            elif pattern.startswith(")", stop - 1):
                atom = before  # flags are nothing to repeat
            pos = stop
        elif char == ")":
            if not opened:
                return f"unexpected ): `{pattern}`"
            opened.pop()
            pos += 1
        elif char == "|":
            atom = False
            pos += 1
        elif char == "[":
            pos, fault = _character_class(pattern, pos)
            if fault:
                return fault
        elif char == "\\":
            pos, fault = _escaped(pattern, pos)
            if fault:
                return fault
        else:
            pos += 1
        if len(opened) > 1000:
            return "expression nests too deeply"
    return f"missing closing ): `{pattern}`" if opened else ""


def _repetition(pattern: str, pos: int) -> tuple[int, str]:
    found = _REPEAT.match(pattern, pos)
    stop = found.end() if found else pos + 1
    fault = ""
    if found:
        low, comma, high = found.groups()
        large = max(len(low.lstrip("0")), len(high.lstrip("0"))) > 4 or int(low) > 1000 or int(high or 0) > 1000
        if large or (high and (not comma or int(low) > int(high))):
            fault = f"invalid repeat count: `{found[0]}`"
    return stop + pattern.startswith("?", stop), fault  # one more ? makes it lazy


def _opening(pattern: str, pos: int, named: bool, names: set[str]) -> tuple[int, str, bool]:
    found = _GROUP.match(pattern, pos)
    if found is None:
        return pos, f"invalid or unsupported Perl syntax: `{pattern[pos : pos + 3]}`", False
    python, plain, flags, minus, closing = found.groups()
    name = python or plain
    if name:
        if plain and not named:
            return pos, f"invalid or unsupported Perl syntax: `{pattern[pos : pos + 3]}`", False
        if name in names:
            return pos, f"duplicate capture group name: `{name}`", False
        names.add(name)
        return found.end(), "", True
    if set((flags or "") + (minus or "")) - set("imsU"):
        return pos, f"invalid or unsupported Perl syntax: `{found[0]}`", False
    return found.end(), "", closing == ":"


def _escaped(pattern: str, pos: int) -> tuple[int, str]:
    if pos + 1 == len(pattern):
        return pos, "trailing backslash at end of expression: ``"
    if pattern.startswith("\\Q", pos):
        stop = pattern.find("\\E", pos)
        return (len(pattern) if stop < 0 else stop + 2), ""
    found = _CLASS_ESCAPE.match(pattern, pos) or _ESCAPE.match(pattern, pos) or _ANCHOR.match(pattern, pos)
    if found is None:
        return pos, f"invalid escape sequence: `{pattern[pos : pos + 2]}`"
    return found.end(), ""


def _character_class(pattern: str, start: int) -> tuple[int, str]:
    pos = start + 1 + pattern.startswith("^", start + 1)
    first = True
    while pos < len(pattern) and (first or pattern[pos] != "]"):
        posix = _POSIX.match(pattern, pos)
        if posix:
            if posix[1] not in _POSIX_NAMES:
                return pos, f"invalid character class range: `{posix[0]}`"
            pos, first = posix.end(), False
            continue
        first = False
        if found := _CLASS_ESCAPE.match(pattern, pos):
            pos = found.end()
            continue
        low, pos, fault = _class_character(pattern, pos)
        if fault:
            return pos, fault
        if pattern.startswith("-", pos) and pos + 1 < len(pattern) and pattern[pos + 1] != "]":
            stop = pos + 1
            high, after, fault = _class_character(pattern, stop)
            if fault:
                return pos, fault
            if high < low:
                return pos, f"invalid character class range: `{pattern[pos - 1 : after]}`"
            pos = after
    if pos >= len(pattern):
        return pos, f"missing closing ]: `{pattern[start:]}`"
    return pos + 1, ""


def _class_character(pattern: str, pos: int) -> tuple[int, int, str]:
    if pattern[pos] != "\\":
        return ord(pattern[pos]), pos + 1, ""
    found = _ESCAPE.match(pattern, pos)
    if found is None:
        return 0, pos, f"invalid escape sequence: `{pattern[pos : pos + 2]}`"
    body = found[0][1:]
    if body[0] == "x":
        code = int(body.strip("x{}"), 16)
    elif body[0].isdigit():
        code = int(body, 8)
    else:
        code = ord({"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}.get(body, body))
    return code, found.end(), ""
