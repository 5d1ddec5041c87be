"""A rule that nobody owns.

Says nothing until `owners` in `[tool.llmmon.lint.policy]`, a pattern, says who may. The owner stands in a comment, as
pint reads it: `# pint file/owner NAME` is of a whole file, `# pint rule/owner NAME` of the rule that it stands in or
before.

Bad (policy: {owners: team-.*}):

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05

    # pint file/owner everybody
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05

Good (policy: {owners: team-.*}):

    # pint file/owner team-api
    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05

    groups:
      - name: api
        rules:
          # pint rule/owner team-api
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import blocks, lazily
from llmmon.problem import Level
from llmmon.rule import Finding, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import AlertingRule, Facts, RecordingRule

_OWNER = lazily.pattern(r"# pint (?P<of>file|rule)/owner\s+(?P<name>\S.*?)\s*$")


def check(rules: Rules, facts: Facts) -> Iterator[Finding]:
    wanted = facts.policy.owners if facts.policy else None
    each: tuple[AlertingRule | RecordingRule, ...] = (*rules.alerts, *rules.recordings)
    if wanted is None or not each:
        return
    lines = each[0].origin.document.text.split("\n")
    of_file, owners = None, {}
    for number, line in enumerate(lines, 1):
        if found := _OWNER.search(line):
            if found["of"] == "file":
                of_file = found["name"]
            else:
                owners[number] = found["name"]
    spans = {blocks.item(lines, number): name for number, name in owners.items()}
    by_line = {at: name for (first, last), name in spans.items() for at in range(first, last + 1)}
    for rule in each:
        owner = by_line.get(rule.origin.position()[0], of_file)
        if owner is None or not wanted.fullmatch(owner):
            what = "nobody owns this rule" if owner is None else f"{owner[:60]} owns this rule"
            message = f"{what}, and the policy wants {wanted.pattern}: write # pint rule/owner NAME above it"
            yield Finding("S007", message, origin=rule.origin)


RULE = Rule(Rules, check, {"S007": Level.WARNING}, frozenset(("policy",)), peers=("pint rule/owner",))
