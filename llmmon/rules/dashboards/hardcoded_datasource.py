"""A query that asks one data source by its uid or its name.

Another Grafana has another uid for it, and all that it shows is "data source not found". A variable, what an import
fills in, and the default are found everywhere. Where the dashboard has a variable for its data source, whoever chooses
another one there still sees the old one in such a panel. Without a variable only a uid that a Grafana has made up is
reported, as a note: any other may be given to the data source wherever the dashboard is deployed. What the run
provisions is known. Each data source is reported once for a dashboard, and once for all of those without a variable.
Grafana asks the data source of a panel whatever its queries name, unless that is the mixed one.

Bad:

    {templating: {list: [{name: datasource, type: datasource, query: prometheus}]},
     panels: [{datasource: Prometheus, targets: [{expr: up}]}]}

    {datasource: {type: prometheus, uid: Zk3_rGx7z}, targets: [{expr: up}]}

Good:

    {datasource: {type: prometheus, uid: metrics}, targets: [{expr: up}]}

    {datasource: {type: prometheus, uid: '${datasource}'}, targets: [{expr: up}]}

    {datasource: {type: datasource, uid: '-- Mixed --'}, targets: [{expr: up}]}

    {targets: [{expr: up}]}
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from llmmon.documents.dashboard_sources import is_one, sources
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.documents.dashboards import Variable
    from llmmon.problem import Origin
    from llmmon.rule import Facts

# What Grafana makes up: 9 or 14 letters and digits, a UUID, or in the past a number, of which each has the first few.
_MADE = re.compile(
    r"(?!0{7})[0-9]{6,}|(?=.*[0-9])(?=.*[A-Z])[\w-]{9}|(?=.*[0-9])[a-z][a-z0-9]{13}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
).fullmatch


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    made: dict[str, list[Origin]] = defaultdict(list)
    for dashboard in corpus.dashboards:
        found: dict[tuple[str, str | None], list[Origin]] = defaultdict(list)
        for kind, name, origin in sources(dashboard):
            if is_one(name):
                variable = next((one.name for one in dashboard.variables if _chooses(one, kind)), None)
                found[name, variable].append(origin)
        chosen = [variable for _, variable in found if variable]  # several of one kind are asked on purpose
        for (name, variable), origins in found.items():
            if variable is None:
                made[name] += origins
            elif chosen.count(variable) == 1 and name not in facts.sources and _is_shown(origins):
                advice = f"whatever ${variable} is{_more(origins)}: write ${{{variable}}}"
                yield Finding("D009", f"it asks the data source {name!r}, {advice}", origin=origins[0])
    for name, origins in made.items():
        if _MADE(name) and name not in facts.sources:
            advice = f"a uid that only one Grafana has{_more(origins)}: write ${{datasource}}, a variable"
            yield Finding("D009", f"it asks the data source {name!r}, {advice}", origin=origins[0], level=Level.NOTE)


def _is_shown(origins: Sequence[Origin]) -> bool:
    """Whether a panel asks it, and not only what there is to choose."""
    return any("templating" not in origin.keys for origin in origins)


def _more(origins: Sequence[Origin]) -> str:
    """How many others do so."""
    others = len(origins) - 1
    files = len({origin.document.path for origin in origins})
    where = f" in {files} files" if files > 1 else ""
    return f", and so {'do' if others > 1 else 'does'} {others} other{'s' * (others > 1)}{where}" if others else ""


def _chooses(variable: Variable, kind: str) -> bool:
    """Whether it is a variable for data sources of this kind."""
    return variable.kind == "datasource" and (not kind or variable.query in ("", kind))


RULE = Rule(Corpus, check, {"D009": Level.WARNING}, peers=("dashboard-linter panel-datasource-rule", "mixtool"))
