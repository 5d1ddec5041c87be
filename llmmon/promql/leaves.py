"""Reads what has no expression inside: literals, durations, matchers, lists of labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NoReturn, cast

from . import tokens as t
from .ast import Expr, Grouping, Matcher, Matching, Number, Selector, String
from .error import PromqlError
from .escape import RESERVED
from .functions import SCALAR, STRING, VECTOR, Version
from .regex import regex_fault
from .types import selector_fault

if TYPE_CHECKING:
    from .ast import MatchOp, Span, ValueType
    from .types import Fault

MAX_DEPTH: Final = 200
NUMBERS_AS_DURATIONS: Final[Version] = (2, 54)  # and durations as numbers, and 1_000
UTF8_NAMES: Final[Version] = (3, 0)
SIGNED_DURATIONS: Final[Version] = (3, 4)
_PLAIN_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?").fullmatch


class Leaves:
    """After an operand, `op` is the operator or closer that follows ("" at the end), and stands from `at` to `pos`."""

    __slots__ = ("at", "experimental", "fault", "op", "pos", "text", "type", "version")

    def __init__(self, text: str, version: Version, experimental: bool) -> None:
        self.text = t.without_comments(text)
        self.version = version
        self.experimental = experimental
        self.pos = self.at = 0
        self.op = ""
        self.type: ValueType = VECTOR
        self.fault: Fault | None = None  # of types: told when the syntax is right

    def grouping(self) -> Grouping | None:
        found = t.GROUPING(self.text, self.pos)
        if found is None:
            return None
        labels, spans = self.labels(found.end())
        kind = cast("Literal['by', 'without']", found[1].lower())
        return Grouping(kind, labels, spans, (found.start(1), self.pos))

    def grouped(self, found: re.Match[str]) -> Grouping:
        """`by (job, le) (`, of which the last parenthesis opens what is aggregated."""
        self.pos = found.end()
        kind = cast("Literal['by', 'without']", found[1].lower())
        first, last = found.span(2)
        end = self.text.index(")", last) + 1
        if "," not in found[2]:
            return Grouping(kind, (found[2],), ((first, last),), (found.start(1), end))
        names = list(t.LABEL(self.text, first, last))
        spans = tuple([name.span() for name in names])
        return Grouping(kind, tuple([name[0] for name in names]), spans, (found.start(1), end))

    def labels(self, pos: int) -> tuple[tuple[str, ...], tuple[Span, ...]]:
        text = self.text
        found = t.LABELS(text, pos)
        if found is None:
            return self.odd_labels(pos)
        self.pos = found.end()
        names = list(t.LABEL(text, *found.span(1)))
        return tuple([name[0] for name in names]), tuple([name.span() for name in names])

    def odd_labels(self, pos: int) -> tuple[tuple[str, ...], tuple[Span, ...]]:
        """Labels with comments between them, in quotes, or wrong."""
        text = self.text
        opened = t.OPEN(text, pos)
        if opened is None:
            self.unexpected(pos, "grouping opts", '"("')
        labels: list[str] = []
        spans: list[Span] = []
        pos = opened.end()
        while not (closed := t.CLOSE(text, pos)):
            found = t.OPERAND(text, pos)
            kind = found.lastindex if found else 0
            if found and kind in (t.NAME, t.NAME_THEN) and self.is_label(found[1]):
                labels.append(found[1])
                spans.append(found.span(1))
            elif found and kind == t.STRING and self.version >= UTF8_NAMES:
                labels.append(self.value(found[t.STRING], found.start(t.STRING)))
                spans.append(found.span(t.STRING))
            else:
                self.unexpected(pos, "grouping opts", "label")
            pos = spans[-1][1]
            if comma := t.COMMA(text, pos):
                pos = comma.end()
            elif not t.CLOSE(text, pos):
                self.unexpected(pos, "grouping opts", '"," or ")"')
            if comma and not labels:
                self.unexpected(pos, "grouping opts", "label")
        self.pos = closed.end()
        return tuple(labels), tuple(spans)

    def is_label(self, name: str) -> bool:
        if name.lower() in ("inf", "nan"):
            return False
        return self.version >= UTF8_NAMES or ":" not in name

    def modifiers(self) -> tuple[bool, Matching | None]:
        """`bool`, `on (...)` or `ignoring (...)`, and `group_left (...)` or `group_right (...)`."""
        text = self.text
        boolean = False
        found = t.MODIFIER(text, self.pos)
        if found and found[1].lower() == "bool":
            boolean = True
            self.pos = found.end()
            found = t.MODIFIER(text, self.pos)
        if found is None or found[1].lower() == "bool":
            return boolean, None
        start = found.start(1)
        kind = cast("Literal['on', 'ignoring']", found[1].lower())
        labels, spans = self.labels(found.end())
        group: Literal["left", "right"] | None = None
        include: tuple[str, ...] = ()
        include_spans: tuple[Span, ...] = ()
        if side := t.GROUP(text, self.pos):
            group = cast("Literal['left', 'right']", side[1].lower())
            self.pos = side.end()
            if t.OPEN(text, self.pos):
                include, include_spans = self.labels(self.pos)
        return boolean, Matching(kind, labels, group, include, spans, include_spans, (start, self.pos))

    def matchers(self, pos: int) -> tuple[Matcher, ...]:
        """What stands between braces, the first of which has been read."""
        text = self.text
        found = t.MATCHER(text, pos)
        matchers = []
        while found:
            label, op, raw, then = found.groups()
            value = raw[1:-1] if "\\" not in raw and "\ufffd" not in raw else self.value(raw, found.start(3))
            start, end = found.start(1), found.end(3)
            if op == "=~" or op == "!~":  # noqa: PLR1714, RUF100
                fault = regex_fault(value, self.version >= UTF8_NAMES)
                if fault:
                    raise PromqlError(f"error parsing regexp: {fault}", (start, end))
            matchers.append(Matcher(label, cast("MatchOp", op), value, (start, end)))
            pos = found.end()
            if then == "}":
                self.pos = pos
                return tuple(matchers)
            found = t.MATCHER(text, pos)
        return self.odd_matchers(matchers, pos)

    def odd_matchers(self, matchers: list[Matcher], pos: int) -> tuple[Matcher, ...]:
        """The rest of a list of matchers that ends in a comma, is empty, has quoted names or is wrong."""
        text = self.text
        while not (closed := t.CLOSE_BRACE(text, pos)):
            at = t.SKIP(text, pos).end()  # type: ignore[union-attr]
            matcher, pos = self.matcher(at)
            matchers.append(matcher)
            if comma := t.COMMA(text, pos):
                pos = comma.end()
            elif not t.CLOSE_BRACE(text, pos):
                self.unexpected(pos, "label matching", '"," or "}"', braces=True)
        self.pos = closed.end()
        return tuple(matchers)

    def matcher(self, at: int) -> tuple[Matcher, int]:
        text = self.text
        found = t.LABEL_AT.match(text, at)
        if found is None:
            self.unexpected(at, "label matching", 'identifier or "}"', braces=True)
        raw = found[0]
        quoted = raw[0] in "\"'`"
        if quoted and self.version < UTF8_NAMES:
            self.unexpected(at, "label matching", 'identifier or "}"', braces=True)
        label = self.value(raw, at) if quoted else raw
        op = t.MATCH_OP.match(text, found.end())
        if op is None:
            if quoted:
                return Matcher("__name__", "=", label, (at, -found.end())), found.end()
            self.unexpected(found.end(), "label matching", "label matching operator", braces=True)
        string = t.STRING_NEXT.match(text, op.end())
        if string is None:
            self.unexpected(op.end(), "label matching", "string", braces=True)
        value = self.value(string[1], string.start(1))
        span = (at, string.end())
        if "~" in op[1] and (fault := regex_fault(value, self.version >= UTF8_NAMES)):
            raise PromqlError(f"error parsing regexp: {fault}", span)
        return Matcher(label, cast("MatchOp", op[1]), value, span), string.end()

    def nameless(self, found: re.Match[str]) -> Expr:
        """A selector that starts with a brace; `{"a.b"}` gives it a name (Prometheus 3)."""
        start = found.start(t.BRACE)
        matchers = self.matchers(found.end())
        name = None
        for index, matcher in enumerate(matchers):
            if matcher.span[1] < 0:  # a lone string
                matcher.span = (matcher.span[0], -matcher.span[1])
                if name is None and matcher.value:
                    name = matcher.value
                    matchers = matchers[:index] + matchers[index + 1 :]
        node = Selector(name, matchers, 0, None, (start, self.pos))
        if name is None:
            self.blame(selector_fault(node))
        self.type = VECTOR
        return node

    def string(self, found: re.Match[str]) -> Expr:
        span = found.span(t.STRING)
        self.pos, self.type = span[1], STRING
        return String(self.value(found[t.STRING], span[0]), span)

    def value(self, raw: str, at: int) -> str:
        value = t.unquote(raw)
        if value is None:
            raise PromqlError(t.string_problem(raw, 0), (at, at + len(raw)))
        return value

    def number(self, found: re.Match[str]) -> Expr:
        raw, span = found[t.NUMBER], found.span(t.NUMBER)
        self.pos, self.type = span[1], SCALAR
        if "_" in raw and self.version < NUMBERS_AS_DURATIONS:
            raise PromqlError(f"bad number or duration syntax: {t.quoted(raw)}", span)
        value = float(raw) if _PLAIN_NUMBER(raw) else t.number(raw)
        if value is None:
            raise PromqlError(f"error parsing number: Go reads no number in {t.quoted(raw)}", span)
        return Number(value, span)

    def duration(self, found: re.Match[str]) -> Expr:
        """`100ms` where a number may stand."""
        raw, span = found[t.DURATION], found.span(t.DURATION)
        if self.version < NUMBERS_AS_DURATIONS:
            raise PromqlError(f"unexpected duration {t.quoted(raw)}", span)
        self.pos, self.type = span[1], SCALAR
        return Number(self.milliseconds(raw, span) / 1000, span)

    def length(self, context: str, alternative: str = "") -> int:
        """A duration, or from 2.54 on a number of seconds, with a sign from 3.4 on; in milliseconds."""
        numbers = self.version >= NUMBERS_AS_DURATIONS
        start = at = t.SKIP(self.text, self.pos).end()  # type: ignore[union-attr]
        sign = 1
        while self.text[at : at + 1] in ("-", "+") and (context == "offset" or self.version >= SIGNED_DURATIONS):
            if self.text[at] == "+" and self.version < SIGNED_DURATIONS:
                break
            sign = -sign if self.text[at] == "-" else sign
            at = t.SKIP(self.text, at + 1).end()  # type: ignore[union-attr]
            if self.version < SIGNED_DURATIONS:
                break
        found = t.DURATION_AT.match(self.text, at)
        if found is None or (found[2] and not numbers):
            if found and context != "offset" and not alternative:
                raise PromqlError("missing unit character in duration", (at, found.end()))
            if self.text.startswith("(", at) and self.version >= SIGNED_DURATIONS:
                raise PromqlError("experimental duration expression is not enabled", (at, at + 1))
            self.unexpected(at, context, ("number or " if numbers else "") + "duration" + alternative)
        self.pos = found.end()
        if found[1]:
            return sign * self.milliseconds(found[1], found.span())
        seconds = t.number(found[2])
        if seconds is None:
            raise PromqlError(f"error parsing number: Go reads no number in {t.quoted(found[2])}", found.span())
        if not seconds <= t.LONGEST / 1000:
            raise PromqlError("duration out of range", (start, self.pos))
        return sign * (round(seconds * 1000) or int(seconds > 0))

    def milliseconds(self, raw: str, span: Span) -> int:
        length = t.milliseconds(raw)
        if length is None:
            raise PromqlError(f"not a valid duration string: {t.quoted(raw)}", span)
        if length > t.LONGEST:
            raise PromqlError("duration out of range", span)
        return length

    def instant(self) -> float | Literal["start", "end"]:
        at = t.SKIP(self.text, self.pos).end()  # type: ignore[union-attr]
        found = t.INSTANT.match(self.text, at)
        if found is None:
            self.unexpected(at, "@", "timestamp")
        sign, raw, infinite, duration, edge = found.groups()
        self.pos = found.end()
        if edge:
            return cast("Literal['start', 'end']", edge.lower())
        if duration:
            if self.version < NUMBERS_AS_DURATIONS:
                self.unexpected(at, "@", "timestamp")
            seconds: float | None = self.milliseconds(duration, (at, self.pos)) / 1000
        else:
            seconds = t.number(infinite or raw)
        if seconds is None:
            raise PromqlError(f"error parsing number: Go reads no number in {t.quoted(raw)}", (at, self.pos))
        if not seconds < 1 << 63:
            raise PromqlError(f"timestamp out of bounds for @ modifier: {seconds}", (at, self.pos))
        return round(-seconds if sign == "-" else seconds, 3)

    def blame(self, fault: Fault | None) -> None:
        if self.fault is None:
            self.fault = fault

    def misplaced(self, found: re.Match[str]) -> NoReturn:
        """A word that is known but cannot stand here, or what follows it cannot."""
        word = found[t.NAME].lower()
        if word in RESERVED - {"inf", "nan"}:
            self.unexpected(found.start(t.NAME))
        self.unexpected(found.end() - 1)

    def unexpected(self, pos: int, context: str = "", expected: str = "", braces: bool = False) -> NoReturn:
        at = t.SKIP(self.text, pos).end()  # type: ignore[union-attr]
        what, end, final = t.describe(self.text, at, braces)
        if not final:
            what = f"unexpected {what}"
            if context:
                what += f" in {context}"
            if expected:
                what += f", expected {expected}"
        raise PromqlError(what, (at, end))

    def too_deep(self) -> PromqlError:
        return PromqlError(f"nested more than {MAX_DEPTH} levels deep", (self.pos, len(self.text)))
