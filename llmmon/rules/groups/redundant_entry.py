"""An entry that says what is so without it.

`for: 0s` is what an alert without `for:` does, and an empty map of labels is none. An entry less is one less to read.

Bad:

    groups:
      - name: api
        rules:
          - alert: DeploymentFailed
            expr: deployment_failed > 0
            for: 0m
            labels: {}

Good:

    groups:
      - name: api
        rules:
          - alert: DeploymentFailed
            expr: deployment_failed > 0

    groups:
      - name: api
        query_offset: 0s
        rules:
          - alert: DeploymentFailed
            expr: deployment_failed > 0
            for: 5m
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Group, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from llmmon.problem import Keys
    from llmmon.rule import Facts

_TIMES = ("for", "keep_firing_for")
_ZERO = frozenset(("0", "0s", "0m", "0h", "0d", "0ms", "0w", "0y"))


def check(group: Group, facts: Facts) -> Iterator[Finding]:
    del facts
    if group.value.get("limit") == "0":
        yield _found("limit", "0", ())
    rules = group.value.get("rules")
    several = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    left_out = any("alert" in rule and "for" not in rule for rule in several)
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            yield from _of_rule(rule, ("rules", index), left_out)


def _of_rule(rule: dict[str, Any], keys: Keys, left_out: bool) -> Iterator[Finding]:
    for name in _TIMES:
        if name == "for" and not left_out:
            continue  # who always says for how long says on purpose that it is at once
        if name in rule and isinstance(rule[name], str) and rule[name] in _ZERO:
            yield _found(name, rule[name], keys)
    for name in ("labels", "annotations"):
        if name in rule and rule[name] == {}:
            yield _found(name, "{}", keys)


def _found(name: str, said: str, keys: Keys) -> Finding:
    message = f"{name}: {said} is so without saying it: remove it"
    return Finding("R037", message, keys=(*keys, name), edits=(Edit(None, keys=(*keys, name)),), safe=True)


RULE = Rule(Group, check, {"R037": Level.NOTE}, peers=("pint alerts/for",), advice=frozenset(("R037",)))
