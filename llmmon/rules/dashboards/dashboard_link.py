"""A link to a dashboard that is not there.

Where the links of these dashboards lead to each other, and one leads to a uid that none of them has, whoever follows it
sees "dashboard not found". A run in which few links arrive says nothing: the other dashboards are elsewhere. That some
of them are is no mistake, so it has to be asked for.

Bad:

    [{title: A, uid: a, links: [{url: /d/b/b}, {url: /d/c}], panels: []}, {title: B, uid: b, panels: []},
     {title: D, uid: d, panels: []}]

Good:

    [{title: A, uid: a, links: [{url: /d/b}], panels: []}, {title: B, uid: b, panels: []}]

    {title: A, uid: a, links: [{url: /d/c}], panels: []}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Dashboard
    from llmmon.problem import Keys
    from llmmon.rule import Facts

_TO = lazily.pattern(r"(?<![\w.])/d/([A-Za-z0-9_-]+)(?=[/?#\s\"')]|\Z)")
_MOST = 0.75  # of the links arrive, or the others are elsewhere


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    known = {dashboard.uid for dashboard in corpus.dashboards if dashboard.uid}
    if len(known) < 2:
        return
    found = [(dashboard, *link) for dashboard in corpus.dashboards for link in _links(dashboard)]
    arrive = sum(uid in known and uid != dashboard.uid for dashboard, _, uid, _ in found)
    gone = [item for item in found if item[2] not in known]
    if not gone or arrive / (arrive + len(gone)) < (_MOST if len(found) > 2 else 0.5):
        return
    for dashboard, keys, uid, span in gone:
        message = f"no dashboard of this run has the uid {uid!r}: add it, or link to another one"
        yield Finding("D035", message, span, origin=dashboard.origin.at(*keys))


def _links(dashboard: Dashboard) -> Iterator[tuple[Keys, str, tuple[int, int]]]:
    """The way to each text with a link, the uid, and where that is."""
    todo: list[tuple[Keys, Any]] = [((), dashboard.value)]
    while todo:
        keys, value = todo.pop()
        match value:
            case str() if "/d/" in value and "://" not in value:
                yield from ((keys, one[1], one.span(1)) for one in _TO.finditer(value))
            case list():
                todo += [((*keys, index), item) for index, item in enumerate(value)]
            case dict():
                todo += [((*keys, key), item) for key, item in value.items()]


RULE = Rule(Corpus, check, {"D035": Level.NOTE}, default=False)
