"""A metric whose name has its type in it, a colon, or capitals in the middle.

A colon means that a recording rule has made it. The type is known without the name, and the name stays when the type
changes. Everybody else writes snake_case, labels too.

Bad:

    app_sessions_gauge: gauge

    # HELP app:sessions Sessions.
    app:sessions 1

    # HELP appSessions Sessions.
    appSessions 1

Good:

    app_sessions: gauge

    # HELP app_sessions Sessions.
    app_sessions{user_agent="x"} 1

    # HELP APP_SESSIONS Sessions.
    APP_SESSIONS 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from llmmon import lazily
from llmmon.problem import Level
from llmmon.rule import Finding, MetricDeclaration, MetricType, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_OWN_TYPE = (2, 53)  # until then promtool took any type for a mistake
_CAMEL = lazily.pattern(r"[a-z][A-Z]")


def check(metric: MetricDeclaration, facts: Facts) -> Iterator[Finding]:
    name = metric.name
    if metric.misnamed:
        return
    kinds = (metric.type,) if facts.version >= _OWN_TYPE else get_args(MetricType)
    for kind in kinds:
        if f"_{kind}_" in f"{name.lower()}_":
            yield Finding("M007", f"{name} has a type in its name: leave {kind} out")
    if ":" in name:
        yield Finding("M008", f"{name} has a colon, which names of recording rules have: write _")
    if _CAMEL.search(name):
        yield Finding("M009", f"{name} is written in camelCase: write {_snake(name)}")
    for label in metric.labels:
        if _CAMEL.search(label):
            yield Finding("M009", f"the label {label} of {name} is written in camelCase: write {_snake(label)}")


def _snake(name: str) -> str:
    return _CAMEL.sub(lambda found: f"{found[0][0]}_{found[0][1]}", name).lower()


RULE = Rule(
    MetricDeclaration,
    check,
    {"M007": Level.WARNING, "M008": Level.WARNING, "M009": Level.WARNING},
    peers=("promtool check metrics",),
)
