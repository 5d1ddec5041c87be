"""What the templates of an alert give on series that nobody has seen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from llmmon import promql
from llmmon.documents.templates import VARIABLES
from llmmon.gotemplate.execute import execute
from llmmon.gotemplate.nodes import Control
from llmmon.gotemplate.prometheus import functions, sample
from llmmon.gotemplate.values import Standin, Strings, Struct, Unsure, Vector
from llmmon.promql.labels import result_labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmon.gotemplate import Template
    from llmmon.gotemplate.builtins import Function
    from llmmon.gotemplate.result import Result
    from llmmon.promql import Labels, Selector
    from llmmon.rule import AlertingRule, Facts

_VALUES = (1.5, 0.0, 1e9)  # that an alert may have
_URL = Standin("http://prometheus")


def labels_of(facts: Facts) -> Callable[[Selector], frozenset[str] | None]:
    """What is known of the labels of a selector's series."""
    return lambda selector: facts.series(selector.name).labels


class TemplateResults:
    """What the templates of one rule are run on."""

    def __init__(self, rule: AlertingRule, facts: Facts) -> None:
        self.rule = rule
        self.facts = facts

    def results(self, template: Template) -> tuple[Result, ...]:
        """Several where it depends on the value what happens."""
        decides = template.defined or any(isinstance(node, Control) for node in template.body)
        return tuple(execute(template, self.functions, *self.sample(value)) for value in _VALUES[: 3 if decides else 1])

    def sample(self, value: float) -> tuple[Struct, dict[str, Any]]:
        given = (self.labels, self.external, _URL, value)
        fields = dict(zip(("Labels", "ExternalLabels", "ExternalURL", "Value"), given, strict=True))
        return Struct("the alert", fields), dict(zip(VARIABLES, given, strict=True))

    @cached_property
    def functions(self) -> dict[str, Function]:
        return functions(self.query)

    @cached_property
    def labels(self) -> Strings:
        expression = self.rule.expression
        found = _strings(result_labels(expression.expr, labels_of(self.facts)) if expression else None, "labels")
        if found.open:
            found.absent -= {"alertname"}
        else:
            found["alertname"] = Standin(self.rule.name)
        return found

    @cached_property
    def external(self) -> Strings:
        known = self.facts.external_labels
        return Strings(known or {}, "external", open_=known is None)

    def query(self, text: str) -> Vector:
        try:
            expr = promql.parse(text, version=self.facts.version)
        except promql.PromqlError:
            raise Unsure from None
        return Vector([sample(_strings(result_labels(expr, labels_of(self.facts)), "query"), 1.5)])


def _strings(labels: Labels | None, name: str) -> Strings:
    """Labels whose values nobody knows."""
    if labels is None or labels.open:
        return Strings({}, name, open_=True, absent=(labels.names if labels else frozenset()) - {"__name__"})
    return Strings({label: Standin(f"some-{label}") for label in sorted(labels.names)}, name)
