"""Evaluates the pipelines of a template as Go does; what certainly fails is a `Failed`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from llmmon.gotemplate.builtins import Broken, Function, fits
from llmmon.gotemplate.constants import constant
from llmmon.gotemplate.printf import sprintf
from llmmon.gotemplate.result import Failure, Odd, Read, Result, Wrong
from llmmon.gotemplate.values import Anys, Moment, Opaque, Standin, Strings, Struct, Unsure, Word, described, truth
from llmmon.lazily import get_close_matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.gotemplate.nodes import Operand, Pipeline
    from llmmon.problem import Span

MOST_STEPS = 20_000
LONGEST = 100_000
_MISSING = object()
_WANTED = {
    "string": "a text",
    "*sample": "one sample of a query",
    "queryResult": "the result of a query",
    "float64": "a number",
    "bool": "true or false",
    "time.Time": "a time",
    "[]string": "a list of texts",
    "[]interface {}": "a list",
}


class Failed(Exception):  # noqa: N818 - `execute` catches it
    def __init__(self, message: str, span: Span, instead: tuple[Span, str] | None = None) -> None:
        super().__init__(message)
        self.failure = Failure(message, span, instead)


class Evaluation:
    """What pipelines see: functions, and the variables that exist at the moment."""

    def __init__(self, functions: Mapping[str, Function], variables: list[tuple[str, Any]]) -> None:
        self.functions = functions
        self.variables = variables
        self.result = Result()
        self.steps = 0
        self.inside = ""  # the template that another called

    def step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Unsure

    def set(self, name: str, value: Any, pipeline: Pipeline) -> None:
        if pipeline.assigns:
            at = max((index for index, (known, _) in enumerate(self.variables) if known == name), default=None)
            if at is None:
                raise Failed(f"there is no variable {name} here: write {name} := to declare it", pipeline.span)
            self.variables[at] = name, value
        else:
            self.variables.append((name, value))

    # Pipelines

    def pipeline(self, dot: Any, node: Pipeline, declare: bool = True) -> Any:
        value: Any = _MISSING
        for command in node.commands:
            self.step()
            value = self.command(dot, command, value)
        for name in node.declares if declare else ():
            self.set(name, value, node)
        return value

    def command(self, dot: Any, command: tuple[Operand, ...], final: Any) -> Any:
        first, *arguments = command
        if first.kind == "name" and not first.fields:
            return self.function(dot, command, final)
        if first.fields and (arguments or final is not _MISSING):
            above = self.chain(dot, first, first.fields[:-1])
            if method := _method(above, first.fields[-1]):
                return self.applied(method, dot, command, f".{first.fields[-1]}", final)
            value = self.field(above, first.fields[-1], first)
        else:
            value = self.operand(dot, first)
        if arguments or final is not _MISSING:
            what = first.text if not first.fields else f".{first.fields[-1]}"
            self.fail(f"{what} is no function, and takes nothing", first)
        if first.kind == "nil":
            self.fail("nil alone is no value", first)
        return value

    def operand(self, dot: Any, operand: Operand) -> Any:
        """The value of an operand alone."""
        return self.chain(dot, operand, operand.fields)

    def chain(self, dot: Any, operand: Operand, fields: tuple[str, ...]) -> Any:
        """The value of an operand, as far as these of its fields."""
        match operand.kind:
            case ".":
                value = dot
            case "field":
                value = dot
            case "variable":
                value = next((known for name, known in reversed(self.variables) if name == operand.text), _MISSING)
                if value is _MISSING:
                    self.fail(f"there is no variable {operand.text} here: declare it before", operand)
            case "(":
                assert operand.inner
                value = self.pipeline(dot, operand.inner)
            case "name":
                value = self.function(dot, (operand,), _MISSING)
            case _:
                value = constant(operand)
        for number, name in enumerate(fields):
            above, value = value, self.field(value, name, operand)
            if value is None and isinstance(above, Anys) and number < len(fields) - 1:
                self.fail(f".{name} is nothing, and has no .{fields[number + 1]}", operand)
        return value

    def field(self, value: Any, name: str, operand: Operand) -> Any:
        if method := _method(value, name):
            return self.applied(method, None, (operand,), f".{name}", _MISSING)
        match value:
            case Strings():
                self.read(value, name, operand)
                found: Any = value.read(name)
            case Anys():
                found = value.get(name)
            case Struct() if name in value.fields:
                found = value.fields[name]
            case Struct() if name in value.hints:
                self.fail(f"there is no .{name}: {value.hints[name]}", operand)
            case Struct():
                near = get_close_matches(name, value.fields, 1, 0.5)
                known = ", ".join(f".{one}" for one in value.fields)
                hint = f"did you mean .{near[0]}?" if near else f"there are {known}"
                text = "".join(f".{near[0] if one == name and near else one}" for one in operand.fields)
                known_first = operand.kind == "field" or (operand.kind == "variable" and operand.text == "$")
                start = "$" if operand.text == "$" else ""
                instead = (operand.span, start + text) if near and known_first else None
                raise Failed(f"there is no .{name}: {hint}", operand.span, instead)
            case Opaque() | Moment():
                raise Unsure
            case None:
                found = None
            case _:
                self.fail(f"{described(value)} has no .{name}", operand)
        return found

    def read(self, value: Strings, key: str, operand: Operand) -> None:
        if not value.has(key):
            self.result.reads.append(Read(value, key, operand.span))

    # Functions

    def function(self, dot: Any, command: tuple[Operand, ...], final: Any) -> Any:
        value = self.result_of(dot, command, final)
        if isinstance(value, str) and len(value) > LONGEST:
            raise Unsure
        return value

    def result_of(self, dot: Any, command: tuple[Operand, ...], final: Any) -> Any:
        name = command[0]
        function = self.functions.get(name.text)
        if function is None:
            raise Unsure
        if name.text in ("and", "or"):
            self.counted(function, command, name.text, final)
            return self.logical(dot, command, final)
        return self.applied(function, dot, command, name.text, final)

    def counted(self, function: Function, command: tuple[Operand, ...], called: str, final: Any) -> None:
        count = len(command) - 1 + (final is not _MISSING)
        least = len(function.takes)
        if count < least or (count > least and function.rest is None):
            more = " or more" if function.rest else ""
            what = "value" if least == 1 and not more else "values"
            self.fail(f"{called} takes {least}{more} {what}, and gets {count}", command[0])

    def applied(self, function: Function, dot: Any, command: tuple[Operand, ...], called: str, final: Any) -> Any:
        """The result of a function or a method."""
        name, *operands = command
        self.counted(function, command, called, final)
        given = [
            self.argument(dot, operand, _parameter(function, index), called) for index, operand in enumerate(operands)
        ]
        if final is not _MISSING:
            self.fitting(final, _parameter(function, len(operands)), called, name)
            given.append(final)
        if called == "printf":
            printed_text, wrong = sprintf(given[0], given[1:])
            wrong = [] if isinstance(given[0], Standin) else wrong
            values = given[1:]
            self.result.misfits += [
                Wrong(command, one, values[one.argument] if one.argument is not None else None, self.inside)
                for one in wrong
            ]
            return printed_text
        match called, given:
            case "eq" | "ne", [Word() as word, *others]:
                self.compared(word, zip(others, command[2:], strict=False))
            case "eq" | "ne", [other, Word() as word]:
                self.compared(word, ((other, command[1]),))
            case "label", [str() as key, Struct() as one]:
                self.read(one.fields["Labels"], key, name)
            case "index", [Strings() as labels, str() as key]:
                self.read(labels, key, name)
        try:
            return function.call(*given)
        except Broken as broken:
            whole = [one for one in operands if one.kind == "number" and one.text.isdigit()] if broken.mixed else []
            hint = f": write {whole[0].text}.0 instead of {whole[0].text}" if len(whole) == 1 else ""
            span = name.span[0], command[-1].span[1]
            instead = (whole[0].span, f"{whole[0].text}.0") if hint else None
            raise Failed(f"{called} fails: {broken}{hint}", span, instead) from None
        except OverflowError:
            raise Unsure from None

    def compared(self, word: Word, others: Iterable[tuple[Any, Operand]]) -> None:
        """A text that a word never is."""
        for other, operand in others:
            if operand.kind == "string" and isinstance(other, str) and other not in word.choices:
                self.result.odd.append(Odd(other, operand.span, self.inside, word.choices))

    def logical(self, dot: Any, command: tuple[Operand, ...], final: Any) -> Any:
        """`and` and `or`, which look no further than they have to."""
        name, *operands = command
        value: Any = None
        for operand in operands:
            value = self.argument(dot, operand, "any", name.text)
            if truth(value) == (name.text == "or"):
                return value
        return value if final is _MISSING else final

    def argument(self, dot: Any, operand: Operand, wanted: str, called: str) -> Any:
        if operand.kind == "nil":
            if wanted == "string":
                self.fail(f"{called} wants a text, and nil is none", operand)
            return None
        value = self.operand(dot, operand)
        if operand.kind in ("string", "number", "bool") and wanted not in ("any", "string"):
            self.fail(f"{called} wants {_WANTED[wanted]}, and this is {described(value)}", operand)
        self.fitting(value, wanted, called, operand)
        return value

    def fitting(self, value: Any, wanted: str, called: str, at: Operand) -> None:
        if not fits(value, wanted):
            self.fail(f"{called} wants {_WANTED[wanted]}, and this is {described(value)}", at)

    def fail(self, message: str, at: Operand) -> NoReturn:
        raise Failed(message, at.span)


def _method(value: Any, name: str) -> Function | None:
    """A method of a value; most have none."""
    found: Function | None = getattr(value, "methods", {}).get(name)
    return Function(found.takes, partial(found.call, value), found.rest) if found else None


def _parameter(function: Function, index: int) -> str:
    return function.takes[index] if index < len(function.takes) else function.rest or "any"
