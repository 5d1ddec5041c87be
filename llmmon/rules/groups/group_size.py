"""A group of more rules, or with a longer name, than anybody likes to read.

The rules of a group are evaluated one after the other: a group of many takes long, and is late when one of them is.
What mixins agree on is twenty rules and forty characters.

Bad:

    groups:
      - name: all-the-rules-of-the-checkout-and-of-the-payment-service
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05

Good:

    groups:
      - name: checkout
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05

    groups:
      - name: payment
        rules: []
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, Group, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_MOST = 20
_LONGEST = 40


def check(group: Group, facts: Facts) -> Iterator[Finding]:
    del facts
    if len(group.rules) > _MOST:
        message = f"{group.name} has {len(group.rules)} rules, evaluated one after the other: make groups of {_MOST}"
        yield Finding("R033", message, keys=("name",))
    if len(group.name) > _LONGEST:
        message = f"the name has {len(group.name)} characters: write one of at most {_LONGEST}"
        yield Finding("R034", message, keys=("name",))


RULE = Rule(
    Group,
    check,
    {"R033": Level.NOTE, "R034": Level.NOTE},
    peers=("mixtool alert-group-rule-count", "mixtool alert-group-name-length", "promruval maxRulesPerGroup"),
    default=False,
)
