"""An alert that links to a dashboard, a panel or a variable that is not there.

Whoever is woken follows the link first. Where the dashboard is in the run, the panel and the variables that the link
names must be on it. Dashboards that are not in the run are reported where most of the links lead to some that are.

Bad:

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {dashboard: 'https://g/d/a?var-host=b'}}]}]
    dashboards: [{uid: a, templating: {list: [{name: job, type: query}]}, panels: []}]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {dashboard: 'https://g/d/a?viewPanel=3'}}]}]
    dashboards: [{uid: a, panels: [{id: 1, type: stat}]}]

Good:

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {dashboard: 'https://g/d/a?var-job=b'}}]}]
    dashboards: [{uid: a, templating: {list: [{name: job, type: query}]}, panels: []}]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {dashboard: 'https://g/d/a'}}]}]
    dashboards: [{uid: b, panels: []}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.dashboards import Dashboard
    from llmmon.problem import Origin, Span
    from llmmon.rule import Facts

_LINK = lazily.pattern(
    r"(?<!document)(?<!spreadsheets)(?<!presentation)(?<!file)/d/([A-Za-z0-9_-]+)(?:/[^\s?#\"']*)?(?:\?([^\s#\"']*))?"
)
_MOST = 0.75  # of the links arrive, or the other dashboards are elsewhere


class _Link(NamedTuple):
    uid: str
    query: str
    span: Span
    start: int  # of the query
    origin: Origin


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    known = {dashboard.uid: dashboard for dashboard in corpus.dashboards if dashboard.uid}
    links = list(_links(corpus)) if known else []
    arrive = sum(link.uid in known for link in links)
    for link in links:
        if link.uid in known:
            yield from _inside(link, known[link.uid])
        elif arrive >= _MOST * len(links):
            message = f"no dashboard of this run has the uid {link.uid!r}: add it, or link to another one"
            yield Finding("X006", message, link.span, origin=link.origin)


def _links(corpus: Corpus) -> Iterator[_Link]:
    for rules in corpus.rules:
        for rule in rules.alerts:
            for key, text in rule.annotations.items():
                for found in _LINK.finditer(text) if "/d/" in text else ():
                    at = rule.origin.at("annotations", key)
                    yield _Link(found[1], found[2] or "", found.span(1), max(found.start(2), 0), at)


def _inside(link: _Link, dashboard: Dashboard) -> Iterator[Finding]:
    variables: Mapping[str, object] = {variable.name: variable for variable in dashboard.variables}
    completed = all(variable.kind == "datasource" for variable in dashboard.variables)  # perhaps by what renders it
    panels = {str(panel.value.get("id")) for panel in dashboard.panels}
    for found in re.finditer(r"([^&=]+)=([^&]*)", link.query):
        name, value = found[1], found[2].removeprefix("panel-")
        span = link.start + found.start(), link.start + found.end()
        if name.startswith("var-") and name[4:] not in variables and "{" not in name and not completed:
            have = ", ".join(sorted(variables)) or "none"
            message = f"the dashboard {dashboard.title!r} has no variable {name[4:]!r}, it has {have}"
            yield Finding("X006", message, span, origin=link.origin, level=Level.NOTE)  # the link leads there
        elif name in ("viewPanel", "panelId") and value.isdecimal() and value not in panels:
            message = f"the dashboard {dashboard.title!r} has no panel {value}: link to one that it has"
            yield Finding("X006", message, span, origin=link.origin)


RULE = Rule(Corpus, check, {"X006": Level.WARNING}, advice=frozenset(("X006",)))
