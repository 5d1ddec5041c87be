"""The templates in the labels and annotations of an alerting rule, parsed once for all rules that look at them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from llmmon import gotemplate
from llmmon.gotemplate import Template, TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys
    from llmmon.rule import AlertingRule, Facts

VARIABLES = ("$labels", "$externalLabels", "$externalURL", "$value")
_ELSE_WITH = (3, 0)  # the first Prometheus that was built with Go 1.23


class Written(NamedTuple):
    """A template and where it stands below its rule; `found` is the tree, or why there is none."""

    keys: Keys
    text: str
    found: Template | TemplateError


def of(rule: AlertingRule, facts: Facts, word: str = "{{") -> Iterator[Written]:
    """Those of a rule, where they hold a word; a text without an action is none."""
    for section, texts in (("labels", rule.labels), ("annotations", rule.annotations)):
        for name, text in texts.items():
            if word in text and "{{" in text:
                yield Written((section, name), text, _parsed(text, facts.version))


@lru_cache(maxsize=4096)
def _parsed(text: str, version: tuple[int, ...]) -> Template | TemplateError:
    try:
        known = gotemplate.of_prometheus(version)
        return gotemplate.parse(text, known, VARIABLES, else_with=version >= _ELSE_WITH)
    except TemplateError as error:
        return error
