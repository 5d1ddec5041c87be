"""What a template is made of, and ways through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.problem import Span


@frozen
class Operand:
    """A constant, `.`, a field, a variable or a function by `kind`; `fields` are read from it, one after the other."""

    kind: str
    text: str
    span: Span
    fields: tuple[str, ...] = ()
    inner: Pipeline | None = None  # of a parenthesis


@frozen
class Pipeline:
    """Commands, each a list of operands, whose result is the last operand of the next one."""

    declares: tuple[str, ...]
    assigns: bool
    commands: tuple[tuple[Operand, ...], ...]
    span: Span


@frozen
class Text:
    """What stands between the actions."""

    text: str


@frozen
class Control:
    """`if`, `range` or `with`; also `template` and `block`, whose name is `name`, and `break` and `continue`."""

    kind: str
    pipeline: Pipeline | None
    body: tuple[Node, ...] = ()
    otherwise: tuple[Node, ...] = ()
    name: str = ""
    span: Span = (0, 0)  # of the name


Node = Text | Pipeline | Control


@frozen
class Template:
    """A parsed template, and those that it defines."""

    body: tuple[Node, ...]
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)


def commands(template: Template) -> Iterator[tuple[Operand, ...]]:
    """Every command of a template, those in parentheses too."""
    for pipeline in pipelines(template):
        yield from pipeline.commands


def pipelines(template: Template) -> Iterator[Pipeline]:
    """Every pipeline of a template, those in parentheses too."""
    for body in (template.body, *template.defined.values()):
        for node in body:
            yield from _inside(node)


def printed(template: Template) -> Iterator[tuple[Operand, ...]]:
    """The commands whose result is in the text, not those that decide about it."""
    for shown in prints(template):
        for pipeline in _inside(shown):
            yield from pipeline.commands


def prints(template: Template) -> Iterator[Pipeline]:
    """The actions that print something."""
    todo: list[Node] = [node for body in (template.body, *template.defined.values()) for node in body]
    while todo:
        node = todo.pop(0)
        if isinstance(node, Pipeline) and not node.declares:
            yield node
        elif isinstance(node, Control):
            todo = [*node.body, *node.otherwise, *todo]


def called(nodes: Iterable[Node]) -> Iterator[str]:
    """The names of the templates that these nodes call."""
    for node in nodes:
        if isinstance(node, Control):
            if node.kind in ("block", "template"):
                yield node.name
            yield from called((*node.body, *node.otherwise))


def _inside(node: Node) -> Iterator[Pipeline]:
    if isinstance(node, Pipeline):
        yield node
        for command in node.commands:
            for operand in command:
                if operand.inner:
                    yield from _inside(operand.inner)
    elif isinstance(node, Control):
        for part in (*((node.pipeline,) if node.pipeline else ()), *node.body, *node.otherwise):
            yield from _inside(part)
