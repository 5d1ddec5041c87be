"""Label values that satisfy matchers, and values that do not: from a metric's closed set, else made up."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from llmmon.promql import Matcher, MatchOp

Asked = tuple[tuple["MatchOp", str], ...]  # the matchers on one label

LETTERS = ("a", "b", "c", "d", "e", "f", "g", "h")
_CLASS = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_CLASSES = re.compile(r"\[(\^?)(\]?[^\]]*)\]")
_TIMES = re.compile(r"[*+?]\??|\{(\d+)(?:,\d*)?\}")


class Unsatisfiable(Exception):  # noqa: N818 - it becomes a problem, with the alert's origin
    """No label value was found that a selector matches."""


def values(
    label: str, matchers: Iterable[Matcher], closed: Collection[str] | None, taken: Collection[str] = ()
) -> list[str]:
    """Values of a label that satisfy all matchers on it, best first; Unsatisfiable where there are none."""
    mine = _on(label, matchers)
    found = _values(mine, frozenset(closed) if closed else None, frozenset(taken))
    if not found:
        wanted = ", ".join(f"{label}{op}{value!r}" for op, value in mine)
        raise Unsatisfiable(f"no value was found for {wanted or label}")
    return list(found)


def violating(matchers: Iterable[Matcher], target: Matcher, closed: Collection[str] | None = None) -> str | None:
    """A value that this matcher rejects and the other matchers on its label allow."""
    asked = (target.op, target.value)
    others = tuple(item for item in _on(target.label, matchers) if item != asked)
    return _violating(others, asked, frozenset(closed) if closed else None)


@lru_cache(maxsize=4096)
def _values(mine: Asked, closed: frozenset[str] | None, taken: frozenset[str]) -> tuple[str, ...]:
    found = [value for value in dict.fromkeys(_candidates(mine, closed)) if value not in taken]
    return tuple(value for value in found if all(matches(op, asked, value) for op, asked in mine))


@lru_cache(maxsize=4096)
def _violating(others: Asked, target: tuple[MatchOp, str], closed: frozenset[str] | None) -> str | None:
    op, asked = target
    options = [*sorted(closed or ()), "other"]
    if op in ("!=", "!~"):
        options = [asked] if op == "!=" else list(_samples(asked))
    for value in options:
        if not matches(op, asked, value) and all(matches(*other, value) for other in others):
            return value
    return None


def _on(label: str, matchers: Iterable[Matcher]) -> Asked:
    return tuple([(matcher.op, matcher.value) for matcher in matchers if matcher.label == label])


def matches(op: MatchOp, asked: str, value: str) -> bool:
    """As Prometheus does: a regex is anchored at both ends."""
    match op:
        case "=":
            return value == asked
        case "!=":
            return value != asked
    hit = re.fullmatch(asked, value) is not None
    return hit if op == "=~" else not hit


def _candidates(mine: Asked, closed: Collection[str] | None) -> Iterator[str]:
    if closed:
        yield from sorted(closed)
        return
    for op, asked in mine:
        if op == "=":
            yield asked
        if op == "=~":
            yield from _samples(asked)
    yield from (*LETTERS, "200", "500", "1")


def _samples(pattern: str) -> Iterator[str]:
    for filler in LETTERS:
        for alternative in _alternatives(pattern):
            yield _sample(alternative, filler)


def _alternatives(pattern: str) -> list[str]:
    """The parts between `|` that are in no group and in no class."""
    out, depth, held, pos = [], 0, "", 0
    while pos < len(pattern):
        char = pattern[pos]
        if char == "\\":
            held += pattern[pos : pos + 2]
            pos += 2
            continue
        if char == "[" and (found := _CLASSES.match(pattern, pos)):
            held += found[0]
            pos = found.end()
            continue
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            out.append(held)
            held = ""
        else:
            held += char
        pos += 1
    return [*out, held]


def _sample(pattern: str, filler: str) -> str:
    """One text that a simple regex matches; `filler` stands for what may be anything."""
    out, pos = "", 0
    while pos < len(pattern):
        atom, pos = _atom(pattern, pos, filler)
        times = 1
        if found := _TIMES.match(pattern, pos):
            times = int(found[1]) if found[1] else 1
            pos = found.end()
        out += atom * times
    return out


def _atom(pattern: str, pos: int, filler: str) -> tuple[str, int]:
    char = pattern[pos]
    if char == "\\":
        escaped = pattern[pos + 1 : pos + 2]
        return _CLASS.get(escaped, escaped), pos + 2
    if char == ".":
        return ("0" if not _TIMES.match(pattern, pos + 1) else filler), pos + 1
    if char in "^$":
        return "", pos + 1
    if char == "[" and (found := _CLASSES.match(pattern, pos)):
        if found[1]:
            return next((c for c in "a1-_ Z" if re.fullmatch(found[0], c)), ""), found.end()
        first = found[2].lstrip("\\")[:1]
        return (filler if re.fullmatch(found[0], filler) else first), found.end()
    if char == "(":
        depth, end = 0, pos
        while end < len(pattern):
            depth += (pattern[end] == "(") - (pattern[end] == ")")
            if not depth:
                break
            end += 1
        inside = re.sub(r"\A\?(?::|P?<\w+>)", "", pattern[pos + 1 : end])
        return _sample(_alternatives(inside)[0], filler), end + 1
    return char, pos + 1
