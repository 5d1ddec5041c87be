"""Which records somebody reads series by series, and not as one number."""

from __future__ import annotations

import functools
from collections.abc import Container
from typing import TYPE_CHECKING

from llmmon.promql import Aggregate
from llmmon.promql.fold import selectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.documents.dashboards import Dashboard
    from llmmon.rule import Expression, Rules

_OF_ALL = frozenset(("job", "le"))  # labels that do not tell one series of a histogram from another


class ToldApart(Container[str]):
    """The expressions of records whose labels a rule or a dashboard of the run reads; looked for when somebody asks."""

    def __init__(self, rules: Sequence[Rules], dashboards: Sequence[Dashboard]) -> None:
        self.rules, self.dashboards = rules, dashboards

    def __contains__(self, text: object) -> bool:
        return text in self.texts

    @functools.cached_property
    def texts(self) -> frozenset[str]:
        names = {
            selector.name
            for written, each in self._read()
            for selector in selectors(written.expr)
            if selector.name
            and (each or _groups(written) or any(matcher.label not in _OF_ALL for matcher in selector.matchers))
        }
        records = (rule for rules in self.rules for rule in rules.recordings if rule.name in names)
        return frozenset(rule.expression.text for rule in records if rule.expression)

    def _read(self) -> Iterator[tuple[Expression, bool]]:
        """Each expression, and whether the labels of its result are shown."""
        for rules in self.rules:
            each = [rule.expression for rule in rules.alerts] + [rule.expression for rule in rules.recordings]
            yield from ((written, not written.shown <= _OF_ALL) for written in each if written)
        for dashboard in self.dashboards:
            for query in dashboard.queries:
                for reading in query.readings.parsed:
                    yield query.expression(reading), "{{" in str(query.target.get("legendFormat"))


def _groups(written: Expression) -> bool:
    """Whether it keeps some labels of what it reads."""
    return any(node.grouping and not _OF_ALL.issuperset(node.grouping.labels) for node in written.of(Aggregate))
