"""A dashboard without a title or a uid, or with the uid of another one.

Grafana refuses a dashboard without a title, and of two with one uid each load replaces the other. Two with one title in
a folder make it load nothing new from that folder. Without a uid it makes one up at every new start, and no link to it
lasts: that is said where something of the run makes Grafana load these files, or where one is a part of something else.

Bad:

    {title: '', panels: []}

    {title: A, uid: null, panels: []}

    [{title: A, uid: a, panels: []}, {title: B, uid: a, panels: []}]

    [{title: A, uid: a, panels: []}, {title: A, uid: b, panels: []}]

Good:

    {title: A, uid: a, panels: []}

    [{title: A, uid: a, panels: []}, {title: B, uid: b, panels: []}]

    [{title: A, uid: a, panels: []}, {title: A, uid: a, panels: []}]
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.dashboards import Dashboard
    from llmmon.rule import Facts

_COPY = lazily.pattern(
    r"[-_ (]+(?:v?\d+|archived?|backup|bak|copy|deprecated|full|legacy|lite|new|old|orig|original)\)?\Z", re.IGNORECASE
)
_SINCE = (5, 0)
_SCHEMA = 16  # of the first Grafana 5


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    seen: dict[str, Dashboard] = {}
    titles: dict[tuple[str, str], Dashboard] = {}
    nameless: list[Dashboard] = []
    for dashboard in corpus.dashboards:
        if not dashboard.title and not isinstance(dashboard.value.get("title"), dict | list):
            message = "a dashboard needs a title: write what it shows"
            yield Finding("D004", message, keys=("title",), origin=dashboard.origin)
        if not dashboard.uid:
            if _is_provisioned(dashboard, facts) and not _is_old(dashboard, facts):
                nameless.append(dashboard)
            continue
        other = seen.setdefault(dashboard.uid, dashboard)
        if other.title != dashboard.title and _beside(other) == _beside(dashboard):  # else it is a copy, or a version
            message = f"the dashboard {other.title!r} ({other.origin}) has the uid {dashboard.uid!r} too: change one"
            yield Finding("D003", message, keys=("uid",), origin=dashboard.origin, related=(other.origin,))
        folder = _folder(dashboard)
        same = titles.setdefault((folder, dashboard.title), dashboard) if dashboard.title and folder else dashboard
        if same.uid != dashboard.uid and not _are_variants(same, dashboard):
            message = f"{same.origin.document.path} has the title {dashboard.title!r} too, in one folder: change one"
            yield Finding(
                "D004", message, keys=("title",), origin=dashboard.origin, related=(same.origin,), level=Level.NOTE
            )
    if nameless:
        yield from _nameless(*nameless)


def _nameless(first: Dashboard, *others: Dashboard) -> Iterator[Finding]:
    more = f"; so {'are' if len(others) > 1 else 'is'} {len(others)} more" if others else ""
    message = f"without a uid no link to this dashboard lasts: write one, of letters, digits, - and _{more}"
    yield Finding("D002", message, keys=("uid",), origin=first.origin)


def _is_provisioned(dashboard: Dashboard, facts: Facts) -> bool:
    """Whether Grafana loads it by itself; who imports it once has links that last."""
    if "__inputs" in dashboard.value or dashboard.origin.document.path.endswith("home.json"):  # Grafana's own has none
        return False
    around = dashboard.origin.keys
    if facts.loaded is None or (around and around != ("dashboard",)):
        return True
    return any(str(folder) in facts.loaded for folder in PurePath(dashboard.origin.document.path).parents)


def _is_old(dashboard: Dashboard, facts: Facts) -> bool:
    version = dashboard.value.get("schemaVersion")
    return (isinstance(version, int) and version < _SCHEMA) or facts.pinned.get("grafana", _SINCE) < _SINCE


def _are_variants(one: Dashboard, other: Dashboard) -> bool:
    """Whether two files are of one dashboard, as `a.loki.json` and `a.influx.json`, or `a.json` and `a-old.json`, of
    which each Grafana takes one."""
    paths = [PurePath(dashboard.origin.document.path) for dashboard in (one, other)]
    stems = {_COPY.sub("", path.name.partition(".")[0]) for path in paths}
    return len(stems) == 1 and paths[0] != paths[1]


def _folder(dashboard: Dashboard) -> str:
    """The folder of a file that is a dashboard; what is inside of something else may be loaded into any."""
    return "" if dashboard.origin.keys else str(PurePath(dashboard.origin.document.path).parent)


def _beside(dashboard: Dashboard) -> tuple[str, str]:
    """Dashboards of two folders may be of two Grafanas, and an object of Kubernetes is made of the JSON beside it."""
    folder, _, name = dashboard.origin.document.path.rpartition("/")
    return folder, name.rpartition(".")[2]


RULE = Rule(
    Corpus,
    check,
    {"D002": Level.NOTE, "D003": Level.WARNING, "D004": Level.ERROR},
    peers=("mixtool",),
    advice=frozenset(("D002", "D003")),
)
