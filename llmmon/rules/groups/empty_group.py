"""A group without rules.

It is evaluated for nothing, and whoever reads it looks for the rules that it once had. An empty list says that it is
meant, or made.

Bad:

    groups:
      - name: api

    groups:
      - name: api
        rules:

Good:

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05

    groups:
      - name: api
        rules: []

    groups: []
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents import residue
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Group, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_ASSERTS = lazily.pattern(r"(?:^|[-_/])(?:assert|errors?)\.ya?ml\Z")  # of kuttl: a part of what it waits for


def check(group: Group, facts: Facts) -> Iterator[Finding]:
    del facts
    path = group.origin.document.path
    if group.value.get("rules") is None and group.name and not residue.is_template(path) and not _ASSERTS.search(path):
        message = f"there is no rule in the group {group.name}: remove it, or write its rules"
        yield Finding("R035", message, edits=(Edit(None),))


RULE = Rule(Group, check, {"R035": Level.NOTE}, advice=frozenset(("R035",)))
