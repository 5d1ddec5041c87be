"""A dashboard that selects a recorded series by a label which its rule does not keep.

The selector matches nothing, for ever. A label that the server adds when it sends, such as the cluster, is left alone,
and so is a variable: its value may be empty, or `.*`.

Bad:

    groups: [{name: g, rules: [{record: 'a:b', expr: sum by (job) (x)}]}]
    dashboards: [{panels: [{targets: [{expr: 'a:b{pod="c"}'}]}]}]

Good:

    groups: [{name: g, rules: [{record: 'a:b', expr: sum by (job) (x), labels: {tier: t}}]}]
    dashboards: [{panels: [{targets: [{expr: 'a:b{job="c", tier="t", cluster="d"}'}]}]}]

    groups: [{name: g, rules: [{record: 'a:b', expr: x + y}]}]
    dashboards: [{panels: [{targets: [{expr: 'a:b{pod="c"}'}]}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Labels, result_labels
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Matcher
    from llmmon.rule import Facts
    from llmmon.usednames import Read

_OF_THE_SERVER = frozenset(
    (
        *("cluster", "datacenter", "env", "environment", "monitor", "prometheus", "prometheus_replica", "region"),
        *("replica", "tenant", "tenant_id", "account", "project", "__replica__", "__name__"),
    )
)


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    if not corpus.dashboards:
        return
    from llmmon import usednames  # few runs have a dashboard

    kept = _kept(corpus, facts)
    outside = _OF_THE_SERVER | frozenset(facts.external_labels or ())
    for read in usednames.on_dashboards(corpus) if kept else ():
        names = kept.get(read.selector.name or "")
        for matcher in read.selector.matchers if names is not None else ():
            if matcher.label not in (names or ()) and matcher.label not in outside and _needs(read, matcher):
                message = f"{read.selector.name} is recorded without {matcher.label!r}, it has {_listed(names)}"
                start, end = _span(read, matcher)
                span = start + read.query.begin, end + read.query.begin
                yield Finding("X007", f"{message}: record it too, or leave it out", span, origin=read.query.origin)


def _kept(corpus: Corpus, facts: Facts) -> dict[str, frozenset[str]]:
    """Of each recorded series the labels that one of its rules keeps, where that is known of all of them."""
    out: dict[str, list[Labels]] = {}
    for rules in corpus.rules:
        of_groups = {id(rule): group.labels for group in rules.groups for rule in group.rules}
        for rule in rules.recordings:
            found = Labels(open=True)
            if rule.expression and "labels" not in rule.unread:
                found = result_labels(rule.expression.expr, lambda selector: facts.series(selector.name).labels)
            out.setdefault(rule.name, []).append(found.add((*rule.labels, *of_groups.get(id(rule), ()))))
    return {
        name: frozenset(label for labels in found for label in labels.names)
        for name, found in out.items()
        if ":" in name and not any(labels.open for labels in found)  # else an exporter may have it as well
    }


def _needs(read: Read, matcher: Matcher) -> bool:
    """Whether it matches only series that have the label, whatever the variables are."""
    source = read.query.text[slice(*_span(read, matcher))]
    return matcher.op == "=" and bool(matcher.value) and "$" not in source and "[[" not in source


def _listed(names: frozenset[str] | None) -> str:
    return ", ".join(sorted(names or ())) or "none"


def _span(read: Read, matcher: Matcher) -> tuple[int, int]:
    return read.query.readings.parsed[0].written.home(matcher.span)


RULE = Rule(Corpus, check, {"X007": Level.WARNING}, advice=frozenset(("X007",)))
