"""Which series a run's rules and dashboards read, and where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily
from llmmon.classes import frozen
from llmmon.promql.fold import selectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.documents.dashboards import Dashboard, Query
    from llmmon.problem import Span
    from llmmon.promql import Expr, Selector
    from llmmon.rule import AlertingRule, Corpus, RecordingRule

_EASY = lazily.pattern(r"(?:[A-Za-z0-9_:|]|\.[*+]?){0,500}")
_MOST_REPEATED = 3  # with more, trying a name may take for ever
_WORD = lazily.pattern(r"[A-Za-z_:][A-Za-z0-9_:]*")


class Read(NamedTuple):
    """A selector on a dashboard whose name no variable changes; `span` is in the source."""

    dashboard: Dashboard
    query: Query
    selector: Selector
    span: Span


@frozen
class Names:
    """Names of series, and regular expressions of names; `everything` where one is not easily tried, or not read."""

    names: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    everything: bool

    def __contains__(self, name: str) -> bool:
        return self.everything or name in self.names or any(pattern.fullmatch(name) for pattern in self.patterns)


def on_dashboards(corpus: Corpus) -> Iterator[Read]:
    """Every selector with a certain name on the dashboards of a run."""
    for dashboard in corpus.dashboards:
        for query in dashboard.queries:
            readings = query.readings.parsed
            if not readings:
                continue
            each = [list(selectors(reading.expr)) for reading in readings]
            for selector, other in zip(each[0], each[-1], strict=False):
                if selector.name and selector.name == other.name:
                    start, end = readings[0].written.home(selector.span)
                    yield Read(dashboard, query, selector, (start + query.begin, end + query.begin))


def of(rules: Iterable[AlertingRule | RecordingRule], corpus: Corpus) -> Names:
    """What these rules and the dashboards of a run read, also in the texts of alerts."""
    names: set[str] = set()
    written: set[str] = set()
    for expr in _expressions(rules, corpus):
        for selector in selectors(expr):
            if selector.name:
                names.add(selector.name)
            for matcher in selector.matchers:
                if matcher.label == "__name__" and matcher.op == "=":
                    names.add(matcher.value)
                elif matcher.label == "__name__" and matcher.op == "=~":
                    written.add(matcher.value)
    for rule in rules:
        for text in getattr(rule, "annotations", {}).values():
            if "query" in text:
                names.update(_WORD.findall(text))
    easy = [pattern for pattern in sorted(written) if _is_easy(pattern)]
    patterns = tuple(re.compile(pattern) for pattern in easy)
    unread = any("expr" in rule.unread for rule in rules)
    return Names(frozenset(names), patterns, unread or len(easy) < len(written))


def metrics(expr: Expr, recorded: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The metrics behind an expression; of a recorded series those that it was recorded from."""
    found: set[str] = set()
    for selector in selectors(expr):
        if selector.name:
            found |= recorded.get(selector.name, frozenset((selector.name,)))
    return frozenset(found)


def behind(corpus: Corpus) -> dict[str, frozenset[str]]:
    """Of each recorded series the metrics that it was recorded from, through other recorded ones."""
    direct: dict[str, set[str]] = {}
    for rules in corpus.rules:
        for rule in rules.recordings:
            if rule.expression:
                found = {selector.name for selector in selectors(rule.expression.expr) if selector.name}
                direct.setdefault(rule.name, set()).update(found)
    out: dict[str, frozenset[str]] = {}
    for name in direct:
        seen: set[str] = set()
        todo = [name]
        while todo:
            here = todo.pop()
            todo += [other for other in direct.get(here, ()) if other not in seen]
            seen |= direct.get(here, {here})
        out[name] = frozenset(other for other in seen if other not in direct) | {name}
    return out


def _is_easy(pattern: str) -> bool:
    return pattern.count("*") + pattern.count("+") <= _MOST_REPEATED and bool(_EASY.fullmatch(pattern))


def _expressions(rules: Iterable[AlertingRule | RecordingRule], corpus: Corpus) -> Iterator[Expr]:
    for rule in rules:
        if rule.expression:
            yield rule.expression.expr
    for dashboard in corpus.dashboards:
        for query in dashboard.queries:
            yield from (reading.expr for reading in query.readings.parsed)
