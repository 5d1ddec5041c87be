"""Which records somebody reads series by series, and not as one number, and by which labels series are chosen."""

from __future__ import annotations

import functools
from collections.abc import Container
from typing import TYPE_CHECKING

from llmmon.promql import Aggregate, Binary, Selector
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
        yield from ((written, not written.shown <= _OF_ALL) for written in _of_rules(self.rules))
        yield from _of_dashboards(self.dashboards)


class Choosing(Container[str]):
    """The labels that a matcher, a grouping or an operator of the run names; looked for when somebody asks."""

    def __init__(self, rules: Sequence[Rules], dashboards: Sequence[Dashboard]) -> None:
        self.rules, self.dashboards = rules, dashboards

    def __contains__(self, label: object) -> bool:
        return label in self.labels

    @functools.cached_property
    def labels(self) -> frozenset[str]:
        written = [*_of_rules(self.rules), *(one for one, _ in _of_dashboards(self.dashboards))]
        return frozenset(label for one in written for label in _named(one))


def _of_rules(rules: Sequence[Rules]) -> Iterator[Expression]:
    for some in rules:
        each = [rule.expression for rule in some.alerts] + [rule.expression for rule in some.recordings]
        yield from (written for written in each if written)


def _of_dashboards(dashboards: Sequence[Dashboard]) -> Iterator[tuple[Expression, bool]]:
    """Each query, and whether its legend shows labels."""
    for dashboard in dashboards:
        for query in dashboard.queries:
            for reading in query.readings.parsed:
                yield query.expression(reading), "{{" in str(query.target.get("legendFormat"))


def _named(written: Expression) -> Iterator[str]:
    for selector in written.of(Selector):
        yield from (matcher.label for matcher in selector.matchers)
    for aggregate in written.of(Aggregate):
        yield from aggregate.grouping.labels if aggregate.grouping else ()
    for binary in written.of(Binary):
        yield from binary.matching.labels if binary.matching else ()


def _groups(written: Expression) -> bool:
    """Whether it keeps some labels of what it reads."""
    return any(node.grouping and not _OF_ALL.issuperset(node.grouping.labels) for node in written.of(Aggregate))
