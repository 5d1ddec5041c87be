"""A dashboard that shows a recorded series which no rule of the run records.

The panel is empty, for ever. Only names whose first part some rule of the run records are looked at, and of these what
is almost a recorded one; or any, where most of what the dashboards show is recorded here. A name with a colon may come
from elsewhere, also from an exporter. A panel that says that it is retired is empty on purpose.

Bad:

    groups: [{name: g, rules: [{record: 'llm:requests:rate5m', expr: 'sum(rate(llm_requests_total[5m]))'}]}]
    dashboards: [{panels: [{targets: [{expr: 'llm:request:rate5m'}]}]}]

Good:

    groups: [{name: g, rules: [{record: 'llm:requests:rate5m', expr: 'sum(rate(llm_requests_total[5m]))'}]}]
    dashboards: [{panels: [{targets: [{expr: 'llm:requests:rate5m + other:cost:rate1h'}]}]}]

    dashboards: [{panels: [{targets: [{expr: 'llm:request:rate5m'}]}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Query
    from llmmon.rule import Facts


_RETIRED = lazily.pattern(r"\b(?:deprecated|retired|removed|no (?:longer|data))\b", re.IGNORECASE)
_SHARE = 3  # times as many recorded series are recorded here, or the others are so elsewhere


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    recorded = {rule.name for rules in corpus.rules for rule in rules.recordings}
    if not recorded or not corpus.dashboards:
        return
    from llmmon import usednames  # few runs have a dashboard

    beginnings = {_beginning(name) for name in recorded}
    reads = [read for read in usednames.on_dashboards(corpus) if _beginning(read.selector.name or "") in beginnings]
    names = {read.selector.name or "" for read in reads}
    here = {one for one in beginnings if _is_here({name for name in names if _beginning(name) == one}, recorded)}
    said: set[tuple[int, str]] = set()
    for read in reads:
        name = read.selector.name or ""
        if name in recorded or (id(read.dashboard), name) in said or _is_retired(read.query):
            continue
        said.add((id(read.dashboard), name))
        likely = [one for one in recorded if _beginning(one) == _beginning(name)]
        near = next(iter(get_close_matches(name, likely, 1, 0.85)), None)
        if (near is None and _beginning(name) not in here) or (
            near and (name.endswith(near) or near.startswith(f"{name}:"))
        ):
            continue
        hint = f"did you mean {near}?" if near else "record it, or show something else"
        span = read.span[0], read.span[0] + len(name)
        yield Finding("X001", f"no rule records {name}: {hint}", span, origin=read.query.origin)


def _is_here(names: set[str], recorded: set[str]) -> bool:
    """Whether most of these names are recorded in the run, and not somewhere else."""
    return len(names & recorded) >= _SHARE * len(names - recorded)


def _is_retired(query: Query) -> bool:
    words = (query.panel.get("title"), query.panel.get("description"))
    return any(isinstance(text, str) and _RETIRED.search(text) for text in words)


def _beginning(name: str) -> str:
    """What a name begins with, up to a colon that something stands before; all of a name without one."""
    found = re.match(r":?[^:]*:", name)
    return found[0] if found else name


RULE = Rule(Corpus, check, {"X001": Level.WARNING}, frozenset(("whole",)), advice=frozenset(("X001",)))
