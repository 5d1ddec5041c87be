"""Grafana's variables inside PromQL: values stand in for them, and every place leads back to what was written."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import product
from typing import TYPE_CHECKING, Literal, NamedTuple

from llmmon import lazily, promql
from llmmon.promql.fold import selectors

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from llmmon.problem import Span
    from llmmon.promql import Call, Expr, Version

Kind = Literal["name", "number", "nothing"]
_DURATIONS = frozenset(("__interval", "__rate_interval", "__range", "__auto", "__auto_interval"))
_NUMBERS = frozenset(("__interval_ms", "__rate_interval_ms", "__range_s", "__range_ms", "__from", "__to"))
_MISSPELT = lazily.pattern(r"__(?:(?:rate_)?interval|range)\w+\Z")
_STRING = r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'|`[^`]*`"
# `$$` is how Flux and docker compose are told to leave a `$` alone
_REFERENCE = (
    r"\$\$?([A-Za-z_]\w*)|\$\$?\{([A-Za-z_]\w*)(?:\.[^:}\s]+)?(?::([^}\s]+))?\}|\[\[([A-Za-z_]\w*)(?::(\w+))?\]\]"
)
REFERENCE = lazily.pattern(_REFERENCE)
_PIECES = lazily.pattern(rf"({_STRING})|(#[^\n]*)|{_REFERENCE}", re.DOTALL)
_IN_BRACKETS = lazily.pattern(r"\[[^\[\]\"']*\Z")
_IN_BRACES = lazily.pattern(r"\{(?:[^{}\"'`]|" + _STRING + r")*\Z", re.DOTALL)
_OFFSET = lazily.pattern(r"\boffset\s*-?\s*\Z", re.IGNORECASE)
_DURATION = lazily.pattern(r"(?:\d+(?:ms|[smhdwy]))+\Z")
_STANDS_IN = lazily.pattern(r"(?<![A-Za-z0-9])[vw]_[A-Za-z_]")
_QUOTING = ("doublequote", "singlequote", "sqlstring", "json")
_MAX_UNKNOWN = 4  # variables of which any kind is tried
_NEAR, _FAR = 40, 2000  # how far around a variable is looked, in pieces and in code points


def may_stand_in(text: str) -> bool:
    """Whether a text may be, or hold, what stands in for a variable in a string."""
    return _STANDS_IN.search(text) is not None


class Reference(NamedTuple):
    """A variable where somebody uses it: its name, the format behind a colon, and where that stands."""

    name: str
    format: str
    span: Span


class Piece(NamedTuple):
    """What stands in for a reference."""

    start: int
    end: int
    source: Span


class Interpolated(NamedTuple):
    """A text without variables, and which parts of it stood for which part of the source."""

    text: str
    pieces: Sequence[Piece]

    def home(self, span: Span) -> Span:
        """A span of this text in the source."""
        return self._home(span[0], 0), self._home(span[1], 1)

    def _home(self, at: int, end: int) -> int:
        before = bisect_right(self.pieces, at - end, key=_start) - 1
        if before < 0:
            return at
        _, stop, source = self.pieces[before]
        return source[end] if at < stop + end else at + source[1] - stop


def _start(piece: Piece) -> int:
    return piece.start


class Parsed(NamedTuple):
    """One reading of a query."""

    expr: Expr
    written: Interpolated

    def matchers(self, ops: Container[str]) -> Iterator[Span]:
        """Where the source has each matcher with one of these operators."""
        for selector in selectors(self.expr):
            for matcher in selector.matchers:
                if matcher.op in ops:
                    yield self.written.home(matcher.span)

    def ranges(self, functions: Container[str]) -> Iterator[tuple[Call, Span]]:
        """Each call of one of these functions over a range, and where the source has its brackets."""
        for call in promql.walk(self.expr):
            if isinstance(call, promql.Call) and call.func in functions and isinstance(call.args[0], promql.Range):
                yield call, self.written.home((call.args[0].selector.span[1], call.args[0].span[1]))


class Readings(NamedTuple):
    """A query with two values of each variable: what is true of both is true. Or why there are none."""

    parsed: tuple[Parsed, ...]
    error: promql.PromqlError | None = None  # its span is that of the source


def references(text: str) -> Iterator[Reference]:
    """Everything in a text that looks like a variable."""
    for found in REFERENCE.finditer(text):
        yield Reference(found[1] or found[2] or found[4], found[3] or found[5] or "", found.span())


def is_misspelt(name: str) -> bool:
    """Whether a name is none of Grafana's own, but begins with the name of a duration that is."""
    return name not in _DURATIONS | _NUMBERS and _MISSPELT.match(name) is not None


def read(text: str, values: Mapping[str, Sequence[str]], version: Version) -> Readings:
    """A query with variables; `values` has the names of all, each with its values where these are fixed."""
    first: promql.PromqlError | None = None
    for kinds in _attempts(text, values):
        one = _interpolated(text, values, kinds, 0)
        try:
            parsed = [Parsed(promql.parse(one.text, version), one)]
        except promql.PromqlError as error:
            first = first or promql.PromqlError(error.message, one.home(error.span))
            continue
        if one.pieces:
            other = _second(text, values, kinds, version)
            parsed = [*parsed, other] if other else []
        return Readings(tuple(parsed))
    return Readings((), None if _fits_one_value(text, values, version) else first)


def _fits_one_value(text: str, values: Mapping[str, Sequence[str]], version: Version) -> bool:
    """Whether a query is right where each variable inside of a regex has one plain value, as in `=~"$name+"`."""
    for kinds in _attempts(text, values) if "~" in text else ():
        try:
            promql.parse(_interpolated(text, values, kinds, 3).text, version)
        except promql.PromqlError:
            continue
        return True
    return False


def _second(
    text: str, values: Mapping[str, Sequence[str]], kinds: Mapping[str, Kind], version: Version
) -> Parsed | None:
    """Another reading: a variable in a regex may be empty, unless no selector would be left then."""
    for which in (1, 2):
        two = _interpolated(text, values, kinds, which)
        try:
            return Parsed(promql.parse(two.text, version), two)
        except promql.PromqlError:
            continue
    return None


def _attempts(text: str, values: Mapping[str, Sequence[str]]) -> Iterator[Mapping[str, Kind]]:
    """Of what kind each variable is that stands in the code: mostly a name, else a number, or nothing at all."""
    unknown = dict.fromkeys(
        name
        for found in _PIECES.finditer(text)
        if (name := found[3] or found[4] or found[6]) and name in values and not name.startswith("__")
    )
    kinds: tuple[Kind, ...] = ("name", "number", "nothing")
    if len(unknown) > _MAX_UNKNOWN:
        yield {}
        return
    for chosen in product(kinds, repeat=len(unknown)):
        yield dict(zip(unknown, chosen, strict=True))


def _interpolated(
    text: str, values: Mapping[str, Sequence[str]], kinds: Mapping[str, Kind], which: int
) -> Interpolated:
    out: list[str] = []
    pieces: list[Piece] = []
    at = length = 0

    def put(source: Span, replacement: str) -> None:
        nonlocal at, length
        before = text[at : source[0]]
        start = length + len(before)
        length = start + len(replacement)
        out.extend((before, replacement))
        pieces.append(Piece(start, length, source))
        at = source[1]

    for found in _PIECES.finditer(text):
        if found[2]:
            continue
        if found[1]:
            regex = text[max(0, found.start() - _NEAR) : found.start()].rstrip().endswith(("=~", "!~"))
            for inner in references(found[1]):
                if inner.name in values or inner.name.startswith("__"):
                    start, end = (place + found.start() for place in inner.span)
                    put((start, end), _in_string(inner.name, regex, which))
            continue
        name = found[3] or found[4] or found[6]
        if name in values or name.startswith("__"):
            before = ("".join(out[-_NEAR:]) + text[at : found.start()])[-_FAR:]
            after = text[found.end() : found.end() + _NEAR]
            form = found[5] or found[7] or ""
            put(found.span(), _in_code(name, form, values.get(name, ()), kinds.get(name), before, after, min(which, 1)))
    out.append(text[at:])
    return Interpolated("".join(out), pieces)


def _in_string(name: str, regex: bool, which: int) -> str:
    if regex:
        return (".+", f"(?:{name}|w_{name})?", f"(?:{name}|w_{name})", name)[which]
    return f"{'vwww'[which]}_{name}"


def _in_code(
    name: str, form: str, values: Sequence[str], kind: Kind | None, before: str, after: str, which: int
) -> str:
    fixed = [value for value in values if value]
    if name in _NUMBERS:
        return ("300", "86400")[which]
    if form in _QUOTING:
        return f'"{"vw"[which]}_{name}"'
    if name in _DURATIONS or _OFFSET.search(before) or _IN_BRACKETS.search(before):
        return _time(fixed, before, after, which)
    if kind == "number":
        return ("1", "0.5")[which]
    if kind == "nothing":
        return ""
    if fixed:
        return fixed[0 if which == 0 else -1]
    end, start = before.rstrip()[-1:], after.lstrip()[:1]
    if _IN_BRACES.search(before) and start in (",", "}", "") and end not in "=~":
        return f'{"" if end in "{," else ","}{"vw"[which]}_{name}="x"'
    return f"{'vw'[which]}_{name}"


def _time(fixed: Sequence[str], before: str, after: str, which: int) -> str:
    if before[-1:].isdigit():
        return "mh"[which]
    if after[:1].isalnum() or after.startswith(("$", "[[")):
        return ("5", "70")[which]
    times = [value for value in fixed if _DURATION.match(value)]
    return times[0 if which == 0 else -1] if times else ("1m", "1d")[which]
