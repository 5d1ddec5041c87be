"""Tokens become a tree; every name that a template uses has to exist, as when Go parses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from llmmon import lazily
from llmmon.gotemplate.functions import PROMETHEUS, SPRIG
from llmmon.gotemplate.lexer import TemplateError, Token, tokens
from llmmon.gotemplate.nodes import Control, Operand, Pipeline, Template, Text
from llmmon.lazily import get_close_matches
from llmmon.promql import tokens as strings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.gotemplate.nodes import Node

MAX_DEPTH = 200
_DIGITS = "[0-9](?:_?[0-9])*"
_NUMBER = lazily.pattern(
    rf"[+-]?(?:0[xX]_?[0-9a-fA-F](?:_?[0-9a-fA-F])*|0[oO]?_?[0-7](?:_?[0-7])*|0[bB]_?[01](?:_?[01])*|{_DIGITS}"
    r"|0[xX](?:(?:_?[0-9a-fA-F])+\.?[0-9a-fA-F_]*|\.[0-9a-fA-F][0-9a-fA-F_]*)[pP][+-]?[0-9]+"
    rf"|(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)i?"
)
_OPERANDS = frozenset(
    ("bool", "character", ".", "field", "name", "number", "string", "variable", "(")
)  # and nil, which is a keyword
# Of Sprig, which Helm has.
_ARITHMETIC: Final = frozenset(("add", "addf", "div", "divf", "mod", "mul", "mulf", "round", "sub", "subf"))
_CONSTANTS = ("bool", "number", "string", "nil", ".")


def parse(text: str, functions: frozenset[str], variables: Sequence[str] = (), else_with: bool = True) -> Template:
    """The tree of a template. Raises `TemplateError` where Go would not parse it.

    `variables` exist already; `{{ else with }}` is read from Go 1.23 on.
    """
    parser = _Parser(list(tokens(text)), functions, ["$", *variables], ("if", "with") if else_with else ("if",))
    body, stop = parser.nodes(top=True)
    if stop:
        parser.fail(f"{{{{ {stop.text} }}}} ends nothing here: remove it", stop)
    return Template(tuple(body), parser.defined)


class _Parser:
    def __init__(
        self, found: list[Token], functions: frozenset[str], variables: list[str], chained: tuple[str, ...]
    ) -> None:
        self.found = found
        self.functions = functions
        self.variables = variables
        self.chained = chained  # what may follow {{ else
        self.at = 0
        self.depth = 0
        self.ranges = 0
        self.defined: dict[str, tuple[Node, ...]] = {}

    # Tokens

    def peek(self) -> Token:
        return self.found[self.at]

    def next(self) -> Token:
        token = self.found[self.at]
        self.at += token.kind != "end"
        return token

    def skip(self) -> Token:
        """The next token that is no space, without taking it."""
        while self.found[self.at].kind == "space":
            self.at += 1
        return self.found[self.at]

    def fail(self, message: str, token: Token) -> NoReturn:
        raise TemplateError(message, token.span)

    # Lists

    def nodes(self, top: bool = False) -> tuple[list[Node], Token | None]:
        """Nodes up to `{{end}}` or `{{else}}`, which is given back; None at the end of the text."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", self.peek())
        out: list[Node] = []
        while True:
            token = self.next()
            if token.kind == "end":
                self.depth -= 1
                return out, None
            if token.kind == "text":
                out.append(Text(token.text))
                continue
            first = self.skip()  # behind {{
            if first.kind == "keyword" and first.text in ("end", "else"):
                self.next()
                self.depth -= 1
                return out, first
            node = self.action(first, token, top)
            if node is not None:
                out.append(node)

    def action(self, first: Token, left: Token, top: bool) -> Node | None:
        if first.kind == "keyword" and first.text != "nil":
            self.next()
            return self.keyword(first, left, top)
        return self.pipeline("command", left)

    def keyword(self, first: Token, left: Token, top: bool) -> Node | None:
        match first.text:
            case "if" | "range" | "with":
                return self.control(first, left)
            case "template" | "block":
                return self.template(first, left)
            case "define":
                if not top:
                    self.fail("{{ define }} stands at the top, in nothing else: move it out", first)
                self.define(left)
                return None
        if not self.ranges:
            self.fail(f"{{{{ {first.text} }}}} stands only inside {{{{ range }}}}", first)
        self.closed(first.text)
        return Control(first.text, None)

    def control(self, first: Token, left: Token) -> Control:
        known = len(self.variables)
        pipeline = self.pipeline(first.text, left)
        self.ranges += first.text == "range"
        body, stop = self.nodes()
        self.ranges -= first.text == "range"
        otherwise: list[Node] = []
        if stop is not None and stop.text == "else":
            following = self.skip()
            if following.kind == "keyword" and following.text == first.text and first.text in self.chained:
                self.next()
                otherwise.append(self.control(following, left))
                del self.variables[known:]
                return Control(first.text, pipeline, tuple(body), tuple(otherwise))
            self.closed("else")
            otherwise, stop = self.nodes()
            if stop is not None and stop.text == "else":
                self.fail("there is an {{ else }} already: write {{ end }}", stop)
        if stop is None:
            self.fail(f"{{{{ {first.text} }}}} has no {{{{ end }}}}: write it", first)
        self.closed("end")
        del self.variables[known:]
        return Control(first.text, pipeline, tuple(body), tuple(otherwise))

    def template(self, first: Token, left: Token) -> Control:
        name = self.skip()
        if name.kind != "string":
            self.fail(f"{{{{ {first.text} }}}} wants a name in quotes", name)
        self.next()
        pipeline = None if self.ends(self.skip()) else self.pipeline(first.text, left)
        if pipeline is None:
            if first.text == "block":
                self.fail("{{ block }} wants a value behind its name: write .", first)
            self.closed(first.text)
        if first.text == "block":
            self.body(_unquoted(name), first)
        return Control(first.text, pipeline, name=_unquoted(name), span=name.span)

    def define(self, left: Token) -> None:
        name = self.skip()
        if name.kind != "string":
            self.fail("{{ define }} wants a name in quotes", name)
        self.next()
        self.closed("define")
        self.body(_unquoted(name), left)

    def body(self, name: str, first: Token) -> None:
        kept, self.variables = self.variables, ["$"]
        inside, stop = self.nodes()
        if stop is None or stop.text != "end":
            self.fail(f"{name!r} has no {{{{ end }}}}: write it", stop or first)
        self.closed("end")
        self.variables = kept
        self.defined[name] = tuple(inside)

    def closed(self, what: str) -> None:
        token = self.skip()
        if not self.ends(token):
            self.fail(f"nothing may stand behind {what}: write }}}}", token)

    def ends(self, token: Token) -> bool:
        """Whether the action ends here: what follows is text, another action or nothing."""
        return token.kind in ("text", "left", "end")

    # Pipelines

    def pipeline(self, context: str, left: Token, inside: bool = False) -> Pipeline:
        start = self.skip()
        declares, assigns = self.declarations(context)
        commands: list[tuple[Operand, ...]] = []
        while True:
            token = self.skip()
            if (token.kind == ")" and inside) or (self.ends(token) and not inside):
                break
            if token.kind not in _OPERANDS and token.text != "nil":
                self.fail(f"{token.text!r} cannot stand here", token)
            commands.append(self.command(inside))
        if not commands:
            self.fail(f"a value is missing in this {context}", left)
        for command in commands[1:]:
            if command[0].kind in _CONSTANTS and not command[0].fields:
                raise TemplateError(
                    f"{command[0].text} is no function, and nothing can be piped into it", command[0].span
                )
        if inside:
            self.next()
        return Pipeline(declares, assigns, tuple(commands), (start.start, self.found[self.at - 1].span[1]))

    def declarations(self, context: str) -> tuple[tuple[str, ...], bool]:
        """`$x := `, `$x = ` and, in a range, `$i, $x := `."""
        begin, names = self.at, list[str]()
        while self.skip().kind == "variable":
            variable = self.next()
            following = self.skip()
            if following.kind in (":=", "="):
                self.next()
                names.append(variable.text)
                self.variables += names  # what is assigned to exists from here on too
                return tuple(names), following.kind == "="
            if following.kind != "," or context != "range" or len(names) > 0:
                break
            self.next()
            names.append(variable.text)
        if names and self.peek().kind != "end":
            self.fail("a range declares one or two variables: write $i, $x := ...", self.peek())
        self.at = begin
        return (), False

    def command(self, inside: bool) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while True:
            token = self.skip()
            operand = self.operand(token)
            if operand:
                operands.append(operand)
            following = self.peek()
            if following.kind == "space":
                self.next()
                continue
            if following.kind == "|":
                self.next()
                if not operands:
                    self.fail("there is nothing before this |", following)
                break
            if self.ends(following) or (following.kind == ")" and inside):
                break
            self.fail(f"{following.text!r} cannot stand behind a value: leave a space, or remove it", following)
        if not operands:
            self.fail("there is no value here", self.peek())
        return tuple(operands)

    def operand(self, token: Token) -> Operand | None:
        made = self.term(token)
        if made is None:
            return None
        fields: list[str] = []
        while self.peek().kind == "field":
            fields.append(self.next().text[1:])
        if not fields:
            return made
        if made.kind in _CONSTANTS:
            self.fail(f"{made.text} has no fields", self.found[self.at - 1])
        span = made.span[0], self.found[self.at - 1].span[1]
        return Operand(made.kind, made.text, span, (*made.fields, *fields), made.inner)

    def term(self, token: Token) -> Operand | None:
        match token.kind:
            case "name":
                if token.text in _ARITHMETIC and token.text not in self.functions:
                    self.undefined("function", token, (), "a template does not compute, so do that in an expression")
                if token.text not in self.functions:
                    self.undefined("function", token, sorted(self.functions), _why(token.text))
            case "variable":
                if token.text not in self.variables:
                    there = (
                        f"there are {', '.join(self.variables[1:])}" if self.variables[1:] else "it is not known here"
                    )
                    self.undefined("variable", token, self.variables, there)
            case "string":
                _unquoted(token)
            case "keyword" if token.text == "nil":
                self.next()
                return Operand("nil", token.text, token.span)
            case "(":
                self.next()
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    self.fail(f"nested deeper than {MAX_DEPTH} levels", token)
                inner = self.pipeline("parenthesis", token, inside=True)
                self.depth -= 1
                return Operand("(", "(", token.span, (), inner)
            case "character" if strings.unquote(f'"{token.text[1:-1]}"') is None or _length(token) != 1:
                self.fail(f"{token.text} is not one character: a text is in double quotes", token)
            case "number" if not _NUMBER.fullmatch(token.text) or _overflows(token.text):
                self.fail(f"{token.text} is no number", token)
            case "bool" | "." | "number" | "character" | "field":
                pass
            case _:
                return None
        self.next()
        if token.kind == "field":
            return Operand("field", token.text, token.span, (token.text[1:],))
        return Operand("number" if token.kind == "character" else token.kind, token.text, token.span)

    def undefined(self, kind: str, token: Token, known: Sequence[str], otherwise: str) -> NoReturn:
        near = next(iter(get_close_matches(token.text, known, 1)), None)
        hint = f"did you mean {near}?" if near else otherwise
        raise TemplateError(f"there is no {kind} {token.text}: {hint}", token.span, undefined=True, meant=near)


def _why(name: str) -> str:
    if name in PROMETHEUS:
        return "it is of Prometheus's templates, and these have it not"
    if name in SPRIG:
        return "it is Sprig's, and neither Prometheus nor Alertmanager has it"
    return f"write .Labels.{name} for a label, or put a text in quotes"


def _length(token: Token) -> int:
    return len(strings.unquote(f'"{token.text[1:-1]}"') or "")


def _unquoted(token: Token) -> str:
    """The text in quotes, with Go's escapes."""
    text = token.text
    if text.startswith("`"):
        return text[1:-1]
    value = strings.unquote(text)
    if value is None:
        raise TemplateError("this text has an escape that Go does not know: write \\\\ for a backslash", token.span)
    return value


def _overflows(text: str) -> bool:
    """Whether a decimal number is more than Go can hold."""
    try:
        return float(text.rstrip("i")) in (float("inf"), float("-inf"))
    except ValueError:  # with a base
        return False
