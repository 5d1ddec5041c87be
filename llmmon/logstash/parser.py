"""Reads the Logstash configuration language: a parsing expression grammar over characters, without tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

from llmmon import lazily
from llmmon.logstash.nodes import (
    Arm,
    Array,
    Attribute,
    Bareword,
    Branch,
    Comparison,
    Condition,
    Config,
    Else,
    Entry,
    FieldReference,
    Hash,
    In,
    Kind,
    Logic,
    Match,
    MethodCall,
    Not,
    Number,
    Plugin,
    Regex,
    Rvalue,
    Section,
    Statement,
    String,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_Item = TypeVar("_Item", bound=Value | Rvalue)

MAX_DEPTH = 100  # levels of braces, brackets, parentheses

_SPACE = lazily.pattern(r"(?:[ \t\r\n]++|#[^\r\n]*+(?:\r?\n|\Z))*+")
_SECTION = lazily.pattern(r"input|filter|output")
_NAME = lazily.pattern(r"[A-Za-z0-9_-]++")
_BAREWORD = lazily.pattern(r"[A-Za-z_][A-Za-z0-9_]++")
_NUMBER = lazily.pattern(r"-?[0-9]++(?:\.[0-9]*+)?")
_DOUBLE = re.compile(r'"((?:\\"|[^"])*+)"')
_SINGLE = re.compile(r"'((?:\\'|[^'])*+)'")
_REGEX = lazily.pattern(r"/((?:\\/|[^/])*+)/")
_FIELD = lazily.pattern(r"(?:\[[^\]\[,]++\])++")
_LOGIC = lazily.pattern(r"and|or|xor|nand")
_COMPARE = lazily.pattern(r"==|!=|<=|>=|<|>")
_MATCH = lazily.pattern(r"=~|!~")
_NOT_IN = lazily.pattern(r"not [ \t\r\n]*+")
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


def parse(text: str) -> Config:
    """Read a whole configuration, the way the newest Logstash (9) does.

    Raises LogstashError. What parses can still be rejected when Logstash compiles it: see `compile_problems`.
    """
    parser = _Parser(text)
    try:
        return parser.config()
    except LogstashError as error:
        if parser.farthest and parser.farthest.offset > error.offset:
            raise parser.farthest from None
        raise


class _Parser:
    """One method per kind of node: it takes an offset and returns a node, or raises."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)
        self.depth = 0
        self.inside: list[int] = []
        self.farthest: LogstashError | None = None  # of the alternatives that were given up

    def config(self) -> Config:
        sections = []
        at = self.space(0)
        while at < self.end:
            sections.append(self.section(at))
            at = self.space(sections[-1].span[1])
        return Config((0, self.end), self.text, tuple(sections))

    def section(self, at: int) -> Section:
        kind = _SECTION.match(self.text, at)
        if not kind:
            self.fail(at, 'a section: "input", "filter" or "output"')
        self.inside.append(at)
        body, end = self.block(self.space(kind.end()), f'"{{" after "{kind[0]}"')
        self.inside.pop()
        return Section((at, end), cast("Kind", kind[0]), body)

    def block(self, at: int, brace: str = '"{"') -> tuple[tuple[Statement, ...], int]:
        opened = at
        at = self.space(self.expect("{", at, brace))
        self.enter(opened)
        body: list[Statement] = []
        while not self.text.startswith("}", at):
            if at >= self.end:
                self.unclosed(opened, "{")
            body.append(self.statement(at))
            at = self.space(body[-1].span[1])
        self.depth -= 1
        return tuple(body), at + 1

    def statement(self, at: int) -> Statement:
        """`if` opens a branch where it can, and is the name of a plugin where it cannot."""
        self.inside.append(at)
        found = self.branch_or_plugin(at) if self.text.startswith("if", at) else self.plugin(at)
        self.inside.pop()
        return found

    def branch_or_plugin(self, at: int) -> Statement:
        before = self.depth, len(self.inside)
        try:
            return self.branch(at)
        except LogstashError as error:
            if not self.is_plugin(at):
                raise
            self.give_up(error, before)
        return self.plugin(at)

    def branch(self, at: int) -> Branch:
        arms = [self.arm(at, at + 2)]
        otherwise = None
        while otherwise is None:
            start = self.space(arms[-1].span[1])
            if not self.text.startswith("else", start):
                break
            before = self.depth, len(self.inside)
            after = self.space(start + 4)
            try:
                if self.text.startswith("if", after):
                    arms.append(self.arm(start, after + 2))
                elif self.text.startswith("{", after):
                    body, end = self.block(after)
                    otherwise = Else((start, end), body)
                else:
                    break
            except LogstashError as error:
                if not self.is_plugin(start):
                    raise
                self.give_up(error, before)
                break
        return Branch((at, (otherwise or arms[-1]).span[1]), tuple(arms), otherwise)

    def arm(self, start: int, at: int) -> Arm:
        condition, end = self.condition(self.space(at))
        body, end = self.block(self.space(end), '"and", "or" or "{" after the condition')
        return Arm((start, end), condition, body)

    def is_plugin(self, at: int) -> bool:
        name = _NAME.match(self.text, at)
        return name is not None and self.text.startswith("{", self.space(name.end()))

    def plugin(self, at: int) -> Plugin:
        name_end = self.name(at, "the name of a plugin")
        name = self.text[at:name_end]
        opened = self.space(name_end)
        inside = self.space(self.expect("{", opened, f'"{{" after the plugin name {name}{_hint(name)}'))
        self.enter(opened)
        attributes, end = self.attributes(inside, opened)
        self.depth -= 1
        return Plugin((at, end), name, (at, name_end), attributes)

    def attributes(self, at: int, opened: int) -> tuple[tuple[Attribute, ...], int]:
        found: list[Attribute] = []
        while not self.text.startswith("}", at):
            if at >= self.end:
                self.unclosed(opened, "{")
            found.append(self.attribute(at))
            end = found[-1].span[1]
            at = self.space(end)
            if self.text[end : end + 1] not in " \t\r\n" and self.text[at : at + 1] not in ("}", ""):
                self.fail(end, 'whitespace or "}" after the value')
        return tuple(found), at + 1

    def attribute(self, at: int) -> Attribute:
        self.inside.append(at)
        name_end = self.name(at, 'the name of an option or "}"')
        name = self.text[at:name_end]
        arrow = self.expect("=>", self.space(name_end), f'"=>" after the option {name}')
        value = self.value(self.space(arrow), f"a value for the option {name}")
        self.inside.pop()
        return Attribute((at, value.span[1]), name[1:-1] if name[0] in "\"'" else name, (at, name_end), value)

    def name(self, at: int, wanted: str) -> int:
        if self.text.startswith(('"', "'"), at):
            return self.string(at).span[1]
        name = _NAME.match(self.text, at)
        return name.end() if name else self.fail(at, wanted)

    def value(self, at: int, wanted: str = "a value") -> Value:
        match self.text[at : at + 1]:
            case '"' | "'":
                string = self.string(at)
                if self.text.startswith("{", self.space(string.span[1])):
                    return self.plugin(at)
                return string
            case "[":
                return self.array(at)
            case "{":
                return self.hash(at)
        if self.is_plugin(at):
            return self.plugin(at)
        if word := _BAREWORD.match(self.text, at):
            return Bareword(word.span(), word[0])
        return self.number(at) or self.fail(at, wanted)

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

    def array(self, at: int) -> Array:
        values, end = self.items(at, "]", self.value)
        return Array((at, end), tuple(values))

    def hash(self, at: int) -> Hash:
        self.enter(at)
        entries: list[Entry] = []
        inside = self.space(at + 1)
        while not self.text.startswith("}", inside):
            if inside >= self.end:
                self.unclosed(at, "{")
            entries.append(self.entry(inside))
            inside = self.space(entries[-1].span[1])
        self.depth -= 1
        return Hash((at, inside + 1), tuple(entries))

    def entry(self, at: int) -> Entry:
        key: Number | Bareword | String
        if number := self.number(at):
            key = number
        elif word := _BAREWORD.match(self.text, at):
            key = Bareword(word.span(), word[0])
        elif self.text.startswith(('"', "'"), at):
            key = self.string(at)
        else:
            self.fail(at, 'a key of the hash (a string, a number or a word of two letters or more) or "}"')
        arrow = self.expect("=>", self.space(key.span[1]), f'"=>" after the key {self.text[slice(*key.span)]}')
        value = self.value(self.space(arrow))
        return Entry((at, value.span[1]), key, value)

    def items(self, at: int, closing: str, item: Callable[[int], _Item]) -> tuple[list[_Item], int]:
        """What is between brackets or parentheses, separated by commas, and the offset behind them."""
        self.enter(at)
        found: list[_Item] = []
        inside = self.space(at + 1)
        while not self.text.startswith(closing, inside):
            if inside >= self.end:
                self.unclosed(at, self.text[at])
            found.append(item(inside))
            inside = self.space(found[-1].span[1])
            if self.text.startswith(",", inside):
                comma, inside = inside, self.space(inside + 1)
                if self.text.startswith(closing, inside):
                    self.fail(comma, f'"{closing}"')
            elif not self.text.startswith(closing, inside):
                self.fail(inside, f'"," or "{closing}"')
        self.depth -= 1
        return found, inside + 1

    def condition(self, at: int) -> tuple[Condition, int]:
        """The condition and the offset behind it, which a closing parenthesis puts behind the node."""
        start = at
        operand, end = self.expression(at)
        operands, operators = [operand], []
        while word := _LOGIC.match(self.text, self.space(end)):
            operand, end = self.expression(self.space(word.end()))
            operands.append(operand)
            operators.append(word[0])
        return (Logic((start, end), tuple(operands), tuple(operators)) if operators else operands[0]), end

    def expression(self, at: int) -> tuple[Condition, int]:
        if self.text.startswith("(", at):
            return self.parenthesis(at)
        if self.text.startswith("!", at):
            inner = self.space(at + 1)
            negated: tuple[Condition, int]
            if self.text.startswith("(", inner):
                negated = self.parenthesis(inner)
            else:
                field = self.field(inner) or self.fail(inner, 'a field reference or "(" after "!"')
                negated = field, field.span[1]
            return Not((at, negated[1]), negated[0]), negated[1]
        relation = self.relation(self.rvalue(at, "a condition"))
        return relation, relation.span[1]

    def parenthesis(self, at: int) -> tuple[Condition, int]:
        self.enter(at)
        condition, end = self.condition(self.space(at + 1))
        self.depth -= 1
        return condition, self.expect(")", self.space(end), '"and", "or" or ")"')

    def relation(self, left: Rvalue) -> Condition:
        start = left.span[0]
        at = self.space(left.span[1])
        if self.text.startswith("in", at):
            right = self.rvalue(self.space(at + 2), 'a value after "in"')
            return In((start, right.span[1]), left, False, right)
        if word := _NOT_IN.match(self.text, at):
            after = self.expect("in", self.space(word.end()), '"in" after "not "')
            right = self.rvalue(self.space(after), 'a value after "not in"')
            return In((start, right.span[1]), left, True, right)
        if sign := _COMPARE.match(self.text, at):
            right = self.rvalue(self.space(sign.end()), f'a value after "{sign[0]}"')
            return Comparison((start, right.span[1]), left, sign[0], right)
        if sign := _MATCH.match(self.text, at):
            pattern = self.pattern(self.space(sign.end()), f'a regular expression after "{sign[0]}"')
            return Match((start, pattern.span[1]), left, sign[0] == "!~", pattern)
        return left

    def pattern(self, at: int, wanted: str) -> String | Regex:
        if self.text.startswith(('"', "'"), at):
            return self.string(at)
        if not self.text.startswith("/", at):
            self.fail(at, wanted)
        regex = _REGEX.match(self.text, at) or self.error('this regular expression is not closed by a "/"', at)
        return Regex(regex.span(), regex[1])

    def rvalue(self, at: int, wanted: str = "a value") -> Rvalue:
        match self.text[at : at + 1]:
            case '"' | "'":
                return self.string(at)
            case "[":
                return self.field(at) or self.array(at)
            case "/":
                return self.pattern(at, wanted)
        if number := self.number(at):
            return number
        word = _BAREWORD.match(self.text, at)
        if not word or not self.text.startswith("(", self.space(word.end())):
            self.fail(at, wanted)
        arguments, end = self.items(self.space(word.end()), ")", self.rvalue)
        return MethodCall((at, end), word[0], tuple(arguments))

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
        hint = _ONE_LETTER if wanted.startswith("a value") and len(found[0]) == 1 and found[0].isalpha() else ""
        self.error(f'expected {wanted}, found "{found[0][:40]}"{hint or _hint(found[0])}', at)

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


def _hint(found: str) -> str:
    return next((f" ({_HINTS[key]})" for key in (found, found[:2], found[:1]) if key in _HINTS), "")
