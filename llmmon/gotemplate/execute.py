"""Executes a template as Go does, on values that somebody made up, to find out what certainly fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.gotemplate.builtins import Broken
from llmmon.gotemplate.evaluate import LONGEST, Evaluation, Failed
from llmmon.gotemplate.nodes import Control, Pipeline, Text
from llmmon.gotemplate.result import Failure, Odd
from llmmon.gotemplate.values import (
    Anys,
    Items,
    Never,
    Opaque,
    Standin,
    Strings,
    Unsure,
    Vector,
    described,
    printed,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from llmmon.gotemplate.builtins import Function
    from llmmon.gotemplate.nodes import Node, Template
    from llmmon.gotemplate.result import Result
    from llmmon.problem import Span

DEEPEST = 50  # templates that call each other


def execute(
    template: Template,
    functions: Mapping[str, Function],
    dot: Any,
    variables: Mapping[str, Any] | None = None,
    built_in: Callable[[str, Any], str | None] | None = None,
) -> Result:
    """Run a template; `variables` are there from the beginning, beside `$`.

    `built_in` says what templates do that the program itself defines: a text, nothing, or why they fail. Without it
    there are none but those of `template`.
    """
    run = _Run(template, functions, [("$", dot), *(variables or {}).items()], built_in)
    try:
        run.walk(dot, template.body)
    except Failed as failed:
        run.result.failure = run.placed(failed.failure)
    except (Unsure, RecursionError):
        run.result.certain = False
    run.result.text = "".join(run.out)
    run.result.pieces, run.result.steps = run.out, run.steps
    return run.result


class _Loop(Exception):  # noqa: N818 - never leaves this file
    """`break`, or `continue` where it goes on."""

    def __init__(self, on: bool) -> None:
        super().__init__()
        self.on = on


class _Run(Evaluation):
    def __init__(
        self,
        template: Template,
        functions: Mapping[str, Function],
        variables: list[tuple[str, Any]],
        built_in: Callable[[str, Any], str | None] | None,
    ) -> None:
        super().__init__(functions, variables)
        self.template = template
        self.built_in = built_in
        self.bare: Odd | None = None  # the call without a dot that we are in
        self.out: list[str] = []
        self.length = self.depth = 0

    def placed(self, failure: Failure) -> Failure:
        """A failure with the template that it is in; where a call without a dot is the reason, it is there."""
        if self.bare is None:
            return failure._replace(template=self.inside)
        message = f'{failure.message}, because {self.bare.called} is called without a dot: write "{self.bare.called}" .'
        return Failure(message, self.bare.span, template=self.bare.template)

    def walk(self, dot: Any, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.step()
            match node:
                case Text():
                    self.write(node.text)
                case Pipeline():
                    value = self.pipeline(dot, node)
                    if not node.declares:
                        self.show(printed(value), value is None, node.span)
                case Control():
                    self.control(dot, node)

    def show(self, text: str, nothing: bool, span: Span) -> None:
        """What an action prints."""
        if nothing:
            self.result.odd.append(self.bare or Odd("nothing", span, self.inside))
        elif isinstance(text, Never):
            self.result.odd.append(Odd("never", span, self.inside))
        self.write(text)

    def write(self, text: str) -> None:
        self.length += len(text)
        if self.length > LONGEST:
            raise Unsure
        self.result.exact &= not isinstance(text, Standin)
        self.out.append(text)

    def control(self, dot: Any, node: Control) -> None:
        mark = len(self.variables)
        match node.kind:
            case "break" | "continue":
                raise _Loop(node.kind == "continue")
            case "template" | "block":
                self.called(dot, node)
            case "range":
                self.range(dot, node)
            case kind:
                assert node.pipeline
                value = self.pipeline(dot, node.pipeline)
                if truth(value):
                    self.walk(value if kind == "with" else dot, node.body)
                else:
                    self.walk(dot, node.otherwise)
        del self.variables[mark:]

    def called(self, dot: Any, node: Control) -> None:
        body = self.template.defined.get(node.name)
        if body is None and self.built_in is None:
            raise Failed(f"there is no template {node.name!r}: define it in the same text", node.span)
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsure
        value = self.pipeline(dot, node.pipeline) if node.pipeline else None
        kept = self.variables, self.inside, self.bare
        if not node.pipeline:
            self.bare = Odd("nothing", node.span, self.inside, called=node.name)
        elif value is not None:
            self.bare = None
        if body is None:
            self.own(node, value)
        else:
            self.variables, self.inside = [("$", value)], node.name
            self.walk(value, body)
        self.variables, self.inside, self.bare = kept
        self.depth -= 1

    def own(self, node: Control, value: Any) -> None:
        """A template that the program itself defines."""
        assert self.built_in
        try:
            text = self.built_in(node.name, value)
            self.show(text or "", text is None, node.span)
        except Broken as broken:
            raise Failed(f"the template {node.name} fails here: {broken}", node.span) from None

    def range(self, dot: Any, node: Control) -> None:
        assert node.pipeline
        names = node.pipeline.declares
        value = self.pipeline(dot, node.pipeline, declare=False)
        mark = len(self.variables)
        some = False
        for key, item in self.items(value, node.pipeline.span):
            some = True
            pairs = zip(names, (key, item) if len(names) > 1 else (item,), strict=False)
            for name, one in pairs:
                self.set(name, one, node.pipeline)
            try:
                self.walk(item, node.body)
            except _Loop as loop:
                if not loop.on:
                    break
            finally:
                del self.variables[mark:]
        if not some:
            self.walk(dot, node.otherwise)

    def items(self, value: Any, span: Span) -> Iterator[tuple[Any, Any]]:
        match value:
            case Vector() | Items():
                yield from enumerate(value)
            case Strings() | Anys():
                yield from ((key, value[key]) for key in sorted(value))
                if isinstance(value, Strings) and value.open and not value:
                    raise Unsure
            case None:
                return
            case int() | Opaque() if not isinstance(value, bool):
                raise Unsure  # newer versions of Go count up to a number
            case _:
                raise Failed(f"range goes over maps and lists, and this is {described(value)}", span)
