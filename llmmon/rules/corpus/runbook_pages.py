"""Alerts whose runbook is missing from the folder of runbooks, and runbooks that no alert leads to.

Where a folder of runbooks is in the run, the last part of each `runbook_url` is the name of a page there. Nothing is
said where no alert leads to any of them, nothing of links that begin otherwise, and nothing of folders to which no
alert leads.

Bad:

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A'}},
     {alert: B, expr: up == 1, annotations: {runbook_url: 'https://r/x/B'}}]}]
    runbooks: [A]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A.md'}}]}]
    runbooks: [A, B]

Good:

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/a.md#first'}}]}]
    runbooks: [A, README]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A'}}]}]
    runbooks: [C]

    groups: [{name: g, rules: [{alert: A, expr: up == 0, annotations: {runbook_url: 'https://r/x/A'}}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_OF_FOLDERS = ("readme", "index", "_index", "summary", "contributing")


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    pages = {path.rpartition("/")[2].lower(): origin for path, origin in corpus.runbooks}
    folders = {path.rpartition("/")[2].lower(): path.rpartition("/")[0] for path, _ in corpus.runbooks}
    links = [link for link in _links(corpus) if link[1]] if pages else []
    beginnings = {begin for begin, page, _, _ in links if page in pages}
    if not beginnings:
        return
    for begin, page, alert, origin in links:
        if page not in pages and begin in beginnings:
            message = (
                f"the runbooks of this run have no page {page!r}, to which {alert} leads: write it, or mend the link"
            )
            yield Finding("X011", message, origin=origin)
    used = {page for _, page, _, _ in links}
    beside = {folders[page] for page in used if page in folders}
    for page, origin in pages.items():
        if page not in used and page not in _OF_FOLDERS and folders[page] in beside:
            message = "no alert of this run leads to this runbook: link to it, or remove it"
            yield Finding("X011", message, origin=origin)


def _links(corpus: Corpus) -> Iterator[tuple[str, str, str, Origin]]:
    """Host, name of the page, alert and place of each link to a runbook that no template changes."""
    for rules in corpus.rules:
        for rule in rules.alerts:
            for key, text in rule.annotations.items():
                if key.startswith("runbook") and "://" in text and "{{" not in text:
                    path = text.partition("#")[0].partition("?")[0].rstrip("/")
                    page = path.rpartition("/")[2].lower()
                    begin = path.partition("://")[2].partition("/")[0]
                    yield (
                        begin,
                        page.removesuffix(".md").removesuffix(".html"),
                        rule.name,
                        rule.origin.at("annotations", key),
                    )


RULE = Rule(Corpus, check, {"X011": Level.NOTE})
