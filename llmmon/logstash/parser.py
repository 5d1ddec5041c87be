"""Reads the Logstash configuration language: a parsing expression grammar over characters, without tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

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
    Hash,
    In,
    Kind,
    Logic,
    Match,
    MethodCall,
    Not,
    Number,
    Plugin,
    Rvalue,
    Section,
    Statement,
    String,
    Value,
)
from llmmon.logstash.scanner import LogstashError, Scanner, hint

if TYPE_CHECKING:
    from collections.abc import Callable

_Item = TypeVar("_Item", bound=Value | Rvalue)

_SECTION = lazily.pattern(r"input|filter|output")
_NAME = lazily.pattern(r"[A-Za-z0-9_-]++")
_BAREWORD = lazily.pattern(r"[A-Za-z_][A-Za-z0-9_]++")
_LOGIC = lazily.pattern(r"and|or|xor|nand")
_COMPARE = lazily.pattern(r"==|!=|<=|>=|<|>")
_MATCH = lazily.pattern(r"=~|!~")
_NOT_IN = lazily.pattern(r"not [ \t\r\n]*+")


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


class _Parser(Scanner):
    """One method per kind of node: it takes an offset and returns a node, or raises."""

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
        inside = self.space(self.expect("{", opened, f'"{{" after the plugin name {name}{hint(name)}'))
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
