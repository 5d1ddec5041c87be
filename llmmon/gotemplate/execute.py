"""Executes a template as Go does, on values that somebody made up, to find out what certainly fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.gotemplate.evaluate import LONGEST, Evaluation, Failed
from llmmon.gotemplate.nodes import Control, Pipeline, Text
from llmmon.gotemplate.values import Anys, Opaque, Standin, Strings, Unsure, Vector, described, printed, truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.gotemplate.builtins import Function
    from llmmon.gotemplate.evaluate import Result
    from llmmon.gotemplate.nodes import Node, Template
    from llmmon.problem import Span

DEEPEST = 50  # templates that call each other


def execute(
    template: Template,
    functions: Mapping[str, Function],
    dot: Any,
    variables: Mapping[str, Any] | None = None,
    alone: bool = True,
) -> Result:
    """Run a template; `variables` are there from the beginning, beside `$`.

    Where it is not `alone`, the templates that it calls may be in other files.
    """
    run = _Run(template, functions, [("$", dot), *(variables or {}).items()], alone)
    try:
        run.walk(dot, template.body)
    except Failed as failed:
        run.result.failure = failed.failure
    except (Unsure, RecursionError):
        run.result.certain = False
    run.result.text = "".join(run.out)
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
        alone: bool,
    ) -> None:
        super().__init__(functions, variables)
        self.template = template
        self.alone = alone
        self.out: list[str] = []
        self.length = self.depth = 0

    def walk(self, dot: Any, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self.step()
            match node:
                case Text():
                    self.write(node.text)
                case Pipeline():
                    value = self.pipeline(dot, node)
                    if not node.declares:
                        self.write(printed(value))
                case Control():
                    self.control(dot, node)

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
        if body is None and self.alone:
            raise Failed(f"there is no template {node.name!r}: define it in the same text", node.span)
        if body is None:
            raise Unsure
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsure
        value = self.pipeline(dot, node.pipeline) if node.pipeline else None
        kept, self.variables = self.variables, [("$", value)]
        self.walk(value, body)
        self.variables = kept
        self.depth -= 1

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
                self.set(name, one, node.pipeline.assigns)
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
            case Vector():
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
                raise Failed(f"range goes over maps and over results of queries, and this is {described(value)}", span)
