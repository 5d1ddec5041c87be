"""A generated file that somebody has changed.

The manifest of the folder says what llmmon wrote, and this is something else: the next `llmmon generate` overwrites it.

Bad:

    generated: [{path: grafana/dashboards/app/service.json, owner: specs/app.yaml, same: false}]

Good:

    generated: [{path: grafana/dashboards/app/service.json, owner: specs/app.yaml, same: true}]

    groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    for file in corpus.generated:
        if not file.same:
            message = f"it was edited by hand, and `llmmon generate` overwrites it: change {file.owner} instead"
            yield Finding("X009", message, origin=file.origin)


RULE = Rule(Corpus, check, {"X009": Level.WARNING})
