"""Alerts whose runbook is missing from the folder of runbooks, and runbooks that no alert leads to.

Where a folder of runbooks is in the run, the last part of each `runbook_url` is the name of a page there. Nothing is
said of links to another place than those that lead to a page, or to a folder with an index. Of a page it is said
where alerts name most of its folder, it is called like an alert, and neither an alert, nor a dashboard, nor another
page names it.

Bad:

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A'}},
     {alert: B, expr: up == 1, annotations: {runbook_url: 'https://r/x/B'}}]}]
    runbooks: [A]

    groups: [{name: g, rules: [{alert: AppDown, expr: up == 0, annotations: {runbook_url: 'https://r/x/AppDown.md'}},
     {alert: AppSlow, expr: up == 1, annotations: {runbook_url: 'https://r/x/AppSlow'}}]}]
    runbooks: [AppDown, AppSlow, AppGone]

Good:

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/a.md#first'}}]}]
    runbooks: [A, README, load-tests]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A'}}]}]
    runbooks: [C]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A'}}]}]
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_OF_ALERT = lazily.pattern(r"(?:[A-Z][a-z0-9]+){2,}\Z")
_INDEX = lazily.pattern(r"/(?:_?index|readme)\Z", re.IGNORECASE)
_WORD = lazily.pattern(r"[\w-]+")


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    if not corpus.runbooks:
        return
    pages = {path.rpartition("/")[2].lower() for path, _ in corpus.runbooks}
    folders = {path.split("/")[-2].lower() for path, _ in corpus.runbooks if _INDEX.search(path)}
    links = list(_links(corpus))
    beginnings = {begin for begin, page, _, _ in links if page in pages}
    for begin, page, alert, origin in links:
        if page and page not in pages | folders and begin in beginnings:
            message = (
                f"the runbooks of this run have no page {page!r}, to which {alert} leads: write it, or mend the link"
            )
            yield Finding("X011", message, origin=origin)
    if beginnings:
        yield from _left(corpus)


def _left(corpus: Corpus) -> Iterator[Finding]:
    """The pages that nothing names, of folders most of whose pages are of alerts that are there."""
    named = {word for text in _told(corpus) for word in _WORD.findall(text.lower())}
    folders: dict[str, list[tuple[str, Origin]]] = {}
    for path, origin in corpus.runbooks:
        folder, _, page = path.rpartition("/")
        folders.setdefault(folder, []).append((page, origin))
    for inside in folders.values():
        linked = sum(page.lower() in named for page, _ in inside)
        left = [(page, origin) for page, origin in inside if page.lower() not in named and _OF_ALERT.match(page)]
        if len(left) >= linked:
            continue
        for page, origin in left:
            if not _is_named(page, corpus):
                message = "no alert of this run leads to this runbook: link to it, or remove it"
                yield Finding("X011", message, origin=origin)


def _told(corpus: Corpus) -> Iterator[str]:
    """Whatever alerts say, and what they are called."""
    for rules in corpus.rules:
        for rule in rules.alerts:
            yield rule.name
            yield from rule.annotations.values()
            yield from rule.labels.values()


def _is_named(page: str, corpus: Corpus) -> bool:
    """Whether a dashboard or another page names a page."""
    from llmmon import nearby

    pages = {Path(path) for path, _ in corpus.runbooks if not path.endswith(f"/{page}")}
    texts = (text for path in pages for text in nearby.here(path.parent, (f"{path.name}.md",)))
    return any(page in board.origin.document.text for board in corpus.dashboards) or any(page in text for text in texts)


def _links(corpus: Corpus) -> Iterator[tuple[str, str, str, Origin]]:
    """Where it begins, name of the page, alert and place of each link to a runbook that no template changes."""
    for rules in corpus.rules:
        for rule in rules.alerts:
            for key, text in rule.annotations.items():
                if key.startswith("runbook") and "://" in text and "{{" not in text:
                    path = text.partition("#")[0].partition("?")[0].rstrip("/")
                    begin, _, page = path.lower().rpartition("/")
                    yield (
                        begin,
                        page.removesuffix(".md").removesuffix(".html"),
                        rule.name,
                        rule.origin.at("annotations", key),
                    )


RULE = Rule(Corpus, check, {"X011": Level.NOTE}, advice=frozenset(("X011",)))
