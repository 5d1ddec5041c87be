"""Reads PromQL: a Pratt parser over regex matches, which checks types while it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast

from . import tokens as t
from .ast import Aggregate, Binary, Call, Expr, Number, Paren, Range, Selector, Unary
from .error import PromqlError
from .escape import RESERVED
from .functions import DEFAULT_VERSION, FUNCTIONS, NEW_AGGREGATORS, PARAMS, RANGE, SCALAR, VECTOR, Version
from .leaves import MAX_DEPTH
from .suffixes import POWER, Suffixes
from .types import aggregate_fault, aggregator, binary_fault, call_fault, function_fault, selector_fault

if TYPE_CHECKING:
    import re

    from .ast import Grouping, Matcher, Span, ValueType

OLDEST: Final[Version] = (2, 0)
NOT_FUNCTIONS: Final = frozenset(
    "and atan2 bool by group_left group_right ignoring inf nan offset on or unless without".split()  # noqa: SIM905
)
TIGHTEST: Final = 6  # `^`, the only one that leans to the right and binds closer than a sign


OF_RANGE: Final = frozenset(  # the functions that everybody calls
    name
    for name, function in FUNCTIONS.items()
    if function.args == (RANGE,) and function.since <= OLDEST and not (function.until or function.experimental)
)


def parse(text: str, version: Version = DEFAULT_VERSION, experimental: bool = False) -> Expr:
    """Read an expression as the Prometheus of that version would, or raise PromqlError.

    `experimental` admits the functions and aggregators behind `promql-experimental-functions`.
    """
    return _Parser(text, version, experimental).whole()


class _Parser(Suffixes):
    __slots__ = ()

    def whole(self) -> Expr:
        if t.SKIP(self.text).end() == len(self.text):  # type: ignore[union-attr]  # it matches nothing, too
            raise PromqlError("no expression found in input", (0, len(self.text)))
        try:
            expr = self.expression(0, 0)
        except RecursionError:
            raise self.too_deep() from None
        if self.op:
            self.unexpected(self.at)
        if self.fault:
            raise PromqlError(*self.fault)
        return expr

    def expression(self, floor: int, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise self.too_deep()
        left = self.operand(depth)
        power = POWER.get(self.op, -1)
        if power < floor:
            return left
        kind = self.type
        while power >= floor:
            op, op_span = self.op, (self.at, self.pos)
            matching, boolean = None, False
            if t.MODIFIER(self.text, self.pos):
                boolean, matching = self.modifiers()
            right = self.expression(power if power == TIGHTEST else power + 1, depth + 1)
            left = Binary(op, left, right, boolean, matching, op_span, (left.span[0], right.span[1]))
            other = self.type
            if kind != VECTOR or other != VECTOR or boolean or matching:
                self.blame(binary_fault(left, kind, other))
                kind = SCALAR if kind == other == SCALAR else VECTOR
            power = POWER.get(self.op, -1)
        self.type = kind
        return left

    def operand(self, depth: int) -> Expr:
        """A value and its suffixes; leaves in `op` what follows."""
        text = self.text
        found = t.OPERAND(text, self.pos)
        if found is None:
            self.unexpected(self.pos)
        token = found.lastindex
        node: Expr
        if token == t.NAME_THEN:
            name, then = found.group(1, 2)
            if then == "(":
                node = self.call(found, name, depth)
            else:
                if name.lower() in RESERVED:
                    self.misplaced(found)
                start = found.start(1)
                matchers = self.matchers(found.end())
                node = Selector(name, matchers, 0, None, (start, self.pos))
                if matchers:
                    for matcher in matchers:
                        if matcher.label == "__name__":
                            self.blame(selector_fault(node))
                self.type = VECTOR
        elif token == t.NAME:
            node = self.name(found, depth)
        elif token == t.NUMBER:
            node = self.number(found)
        elif token == t.PAREN:
            self.pos = found.end()
            inner = self.expression(0, depth + 1)
            if self.op != ")":
                self.unexpected(self.at)
            node = Paren(inner, (found.start(t.PAREN), self.pos))
        elif token == t.SIGN:
            return self.sign(found, depth)
        elif token == t.BRACE:
            node = self.nameless(found)
        elif token == t.STRING:
            node = self.string(found)
        else:
            node = self.duration(found)
        following = t.INFIX(text, self.pos)
        if following is None:
            self.unexpected(self.pos)
        kind = following.lastindex
        if kind == t.RANGE:
            node = self.range(node, following)
            following = t.INFIX(text, self.pos)
            if following is None:
                self.unexpected(self.pos)
            kind = following.lastindex
        if kind == t.SYMBOL or kind == t.CLOSER:  # noqa: PLR1714, RUF100  # a set is slower
            self.op = following[kind]
            self.at = following.start(kind)
            self.pos = following.end()
        elif kind == t.END:
            self.op = ""
            self.at = self.pos = following.end()
        else:
            return self.suffixes(node, following)
        return node

    def name(self, found: re.Match[str], depth: int) -> Expr:
        """A name with neither `(` nor `{` after it: a metric, Inf or NaN, or `sum by (...) (...)`."""
        name, span = found[t.NAME], found.span(t.NAME)
        self.pos, self.type = span[1], VECTOR
        word = name.lower()
        if word in RESERVED:
            if word not in ("inf", "nan"):
                self.misplaced(found)
            self.type = SCALAR
            return Number(float(word), span)
        if aggregator(word, self.version):
            if grouped := t.GROUPED(self.text, self.pos):
                grouping = self.grouped(grouped)
                return self.aggregation(word, grouping, span[0], depth)
            if t.GROUPING(self.text, self.pos):
                return self.aggregate(word, span[0], depth)
        return Selector(name, (), 0, None, span)

    def call(self, found: re.Match[str], name: str, depth: int) -> Expr:
        start = found.start(t.NAME)
        word = name.lower()
        if aggregator(word, self.version):
            self.pos = found.end(1)
            return self.aggregate(word, start, depth)
        if word in NOT_FUNCTIONS or ":" in name:
            self.misplaced(found)
        self.pos = found.end()
        if name in OF_RANGE and depth < MAX_DEPTH and (ranged := self.only_range()):
            self.type = VECTOR
            return Call(name, (ranged,), (start, self.pos))
        args, types = self.arguments(depth)
        function = FUNCTIONS.get(name)
        if function is None or function.since > OLDEST or function.until or function.experimental:
            fault = function_fault(name, self.version, self.experimental)
            if fault:
                raise PromqlError(fault, found.span(t.NAME))
        assert function is not None  # or there was a fault
        span = (start, self.pos)
        if name == "info":
            self.forgive_empty(args)
        if function.args != tuple(types):
            self.blame(call_fault(function, types, args, span))
        self.type = function.returns
        return Call(name, tuple(args), span)

    def only_range(self) -> Range | None:
        """`up[5m])`, of which most calls are; None, and nothing is read, where there is anything else."""
        start, fault = self.pos, self.fault
        if (found := t.SERIES(self.text, start)) and found[1].lower() not in RESERVED:
            matchers: tuple[Matcher, ...] = ()
            self.pos = found.end(1)
            if found[2] == "{":
                matchers = self.matchers(found.end())
            ranged = t.RANGED(self.text, self.pos)
            length = t.milliseconds(ranged[1]) if ranged else None
            named_twice = "__name__" in self.text and any(one.label == "__name__" for one in matchers)
            if ranged and length and length <= t.LONGEST and not named_twice:
                first = found.start(1)
                node = Selector(found[1], matchers, 0, None, (first, self.pos))
                self.pos = ranged.end()
                return Range(node, length, (first, ranged.end(2)))
        self.pos, self.fault = start, fault
        return None

    def arguments(self, depth: int) -> tuple[list[Expr], list[ValueType]]:
        """What stands between parentheses, the first of which has been read."""
        args: list[Expr] = []
        types: list[ValueType] = []
        if self.text[self.pos : self.pos + 1] in " \t\n\r)" and (closed := t.CLOSE(self.text, self.pos)):
            self.pos = closed.end()
            return args, types
        while True:
            args.append(self.expression(0, depth + 1))
            types.append(self.type)
            if self.op == ")":
                return args, types
            if self.op != ",":
                self.unexpected(self.at)
            if t.CLOSE(self.text, self.pos):
                raise PromqlError("trailing commas not allowed in function call args", (self.at, self.pos))

    def aggregate(self, op: str, start: int, depth: int) -> Expr:
        grouping = self.grouping()
        opened = t.OPEN(self.text, self.pos)
        if opened is None:
            self.unexpected(self.pos, "aggregation")
        self.pos = opened.end()
        return self.aggregation(op, grouping, start, depth)

    def aggregation(self, op: str, grouping: Grouping | None, start: int, depth: int) -> Expr:
        """The rest of one, from what is aggregated on."""
        args, types = self.arguments(depth)
        if grouping is None:
            grouping = self.grouping()
        span = (start, self.pos)
        if op in PARAMS or types != [VECTOR]:
            self.unusual(op, types, args, span)
        self.type = VECTOR
        return Aggregate(op, args[-1], grouping, args[0] if len(args) == 2 else None, span)

    def unusual(self, op: str, types: list[ValueType], args: list[Expr], span: Span) -> None:
        """Whether an aggregation with a parameter, or of what is no vector, is one."""
        if op in NEW_AGGREGATORS and not self.experimental:
            raise PromqlError(
                f"{op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions", span
            )
        if fault := aggregate_fault(op, types, args, span):
            if not args or len(args) > 2:
                raise PromqlError(*fault)
            self.blame(fault)

    def sign(self, found: re.Match[str], depth: int) -> Expr:
        start = found.start(t.SIGN)
        op = cast("Literal['+', '-']", found[t.SIGN])
        self.pos = found.end()
        inner = self.expression(TIGHTEST, depth + 1)
        if isinstance(inner, Number):
            return Number(-inner.value if op == "-" else inner.value, (start, inner.span[1]))
        span = (start, inner.span[1])
        if self.type not in (SCALAR, VECTOR):
            said = "unary expression only allowed on expressions of type scalar or instant vector"
            self.blame((f'{said}, got "{self.type}"', span))
        return Unary(op, inner, span)

    def forgive_empty(self, args: list[Expr]) -> None:
        """The second argument of `info` may match everything."""
        if self.fault and len(args) == 2 and self.fault[1] == args[1].span:
            self.fault = None
