"""The templates in the labels and annotations of an alerting rule, parsed and executed once for all rules that look
at them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from llmmon import gotemplate
from llmmon.gotemplate import Template, TemplateError, commands
from llmmon.gotemplate.nodes import Pipeline, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmon.gotemplate import Operand
    from llmmon.gotemplate.result import Result
    from llmmon.problem import Keys, Span
    from llmmon.rule import AlertingRule, Facts

T = TypeVar("T")
_REMEMBERED = 400  # rules
VARIABLES = ("$labels", "$externalLabels", "$externalURL", "$value")
_ELSE_WITH = (3, 0)  # the first Prometheus that was built with Go 1.23
_OF_TEXTS = frozenset(("title", "toLower", "toUpper", "stripPort", "stripDomain", "safeHtml"))


class Written(NamedTuple):
    """A template and where it stands below its rule; `found` is the tree, or why there is none.

    A `harmless` one only prints labels and the value: nothing can go wrong. `labels` are those that `$labels.x` reads
    in all branches, those too that are not executed, each with its place.
    """

    keys: Keys
    text: str
    found: Template | TemplateError
    harmless: bool
    labels: tuple[tuple[str, Span], ...]


class _Memory(Generic[T]):
    """What was found of the rules that were asked about last: several lint rules look at some alerts, and then at the
    next ones."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[AlertingRule, Facts, T]] = {}

    def of(self, rule: AlertingRule, facts: Facts, find: Callable[[AlertingRule, Facts], T]) -> T:
        known = self.known.get(id(rule))
        if known is None or known[0] is not rule or known[1] is not facts:
            if len(self.known) > _REMEMBERED:
                self.known.clear()
            known = self.known[id(rule)] = (rule, facts, find(rule, facts))
        return known[2]


def of(rule: AlertingRule, facts: Facts) -> list[Written]:
    """Those of a rule; a text without an action is none."""
    return _read.of(rule, facts, _found)


def _found(rule: AlertingRule, facts: Facts) -> list[Written]:
    return [
        Written((section, name), text, *_parsed(text, facts.version))
        for section, texts in (("labels", rule.labels), ("annotations", rule.annotations))
        for name, text in texts.items()
        if "{{" in text and "<%" not in text  # of a template that somebody renders before
    ]


@lru_cache(maxsize=4096)
def _parsed(text: str, version: tuple[int, ...]) -> tuple[Template | TemplateError, bool, tuple[tuple[str, Span], ...]]:
    try:
        known = gotemplate.of_prometheus(version)
        found = gotemplate.parse(text, known, VARIABLES, else_with=version >= _ELSE_WITH)
    except TemplateError as error:
        return error, False, ()
    operands = (operand for command in commands(found) for operand in command)
    return found, _harmless(found), tuple((one.fields[-1], one.span) for one in operands if _is_label(one))


def _is_label(operand: Operand) -> bool:
    return operand.kind == "variable" and operand.text == "$labels" and len(operand.fields) == 1


def do_more(rule: AlertingRule, facts: Facts) -> bool:
    """Whether one of the templates of a rule does more than print labels and the value, or is none."""
    return any(not written.harmless for written in of(rule, facts))


class Executed(NamedTuple):
    """What happens when the alert fires, on samples that nobody has seen."""

    written: Written
    results: tuple[Result, ...]


def executed(rule: AlertingRule, facts: Facts) -> list[Executed]:
    """The templates of a rule that do more than print labels and the value; each is run on a few samples."""
    return _run.of(rule, facts, _executed) if do_more(rule, facts) else []


def _executed(rule: AlertingRule, facts: Facts) -> list[Executed]:
    from llmmon.documents.template_results import TemplateResults  # few templates do anything

    run = TemplateResults(rule, facts)
    return [
        Executed(written, run.results(written.found))
        for written in of(rule, facts)
        if isinstance(written.found, Template) and not written.harmless
    ]


_read: _Memory[list[Written]] = _Memory()
_run: _Memory[list[Executed]] = _Memory()


def _harmless(template: Template) -> bool:
    """Whether that is so, as it is of most; it is seen at once."""
    return not template.defined and all(
        isinstance(node, Text) or (isinstance(node, Pipeline) and not node.declares and _is_plain(node))
        for node in template.body
    )


def _is_plain(pipeline: Pipeline) -> bool:
    (first, *more), *behind = pipeline.commands
    if more or any(len(command) > 1 or command[0].kind != "name" for command in behind):
        return False
    called = {command[0].text for command in behind}
    if is_value(first):
        return len(called) == len(behind) <= 1 and all(name.startswith("humanize") for name in called)
    of_labels = first.kind == "variable" and first.text in ("$labels", "$externalLabels") and len(first.fields) == 1
    return of_labels and len(behind) <= 1 and called <= _OF_TEXTS


def is_value(operand: Operand) -> bool:
    """`$value` or `.Value`; what has `.Value` inside a range or a with is something else's."""
    return (operand.text == "$value" and not operand.fields) or (
        operand.kind == "field" and operand.fields == ("Value",)
    )
