"""A rule that is not as this house wants its rules.

Says nothing until `[tool.llmmon.lint.policy]` in pyproject.toml, or `policy:` in .llmmon.yaml, asks for something:
`required-labels`, `forbidden-labels`, `required-annotations`, `label-values` (a pattern for each label), `alert-name`
and `record-name` (patterns), `for-at-least` and `for-at-most`.

Bad (policy: {required-labels: [team], label-values: {severity: critical|warning}}):

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

    groups:
      - name: api
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: page, team: api}

Good (policy: {required-labels: [team], label-values: {severity: critical|warning}}):

    groups:
      - name: api
        labels: {team: api}
        rules:
          - alert: HighErrorRate
            expr: job:errors:ratio > 0.05
            labels: {severity: warning}

    groups:
      - name: api
        rules:
          - record: job:errors:ratio
            expr: sum by (job) (rate(errors_total[5m]))
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Finding, Group, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.policy import Policy
    from llmmon.problem import Keys
    from llmmon.rule import Facts, RecordingRule


def check(group: Group, facts: Facts) -> Iterator[Finding]:
    policy = facts.policy
    assert policy
    for rule in group.rules:
        labels = group.labels_of(rule)
        for message, keys in (*_of_any(rule, labels, policy), *_of_alert(rule, labels, policy)):
            yield Finding("R042", message, origin=rule.origin, keys=keys)


def _of_any(rule: AlertingRule | RecordingRule, labels: dict[str, str], policy: Policy) -> Iterator[tuple[str, Keys]]:
    key, pattern = ("alert", policy.alert_name) if isinstance(rule, AlertingRule) else ("record", policy.record_name)
    if pattern and not pattern.fullmatch(rule.name):
        yield f"the policy wants {key}-name {pattern.pattern}, and {rule.name} is none: rename it", (key,)
    for name in policy.forbidden_labels:
        if name in labels:
            yield f"the policy wants no label {name}: remove it", ("labels", name)
    for name, allowed in policy.label_values.items():
        if name in labels and "{{" not in labels[name] and not allowed.fullmatch(labels[name]):
            message = f"the policy wants {name} to be {allowed.pattern}, and not {labels[name]!r}: write one of these"
            yield message, ("labels", name)


def _of_alert(rule: AlertingRule | RecordingRule, labels: dict[str, str], policy: Policy) -> Iterator[tuple[str, Keys]]:
    if not isinstance(rule, AlertingRule):
        return
    for name in policy.required_labels:
        if not labels.get(name) and "labels" not in rule.unread:
            yield f"the policy wants a label {name}: write it below labels:", ("labels",)
    for name in policy.required_annotations:
        if not rule.annotations.get(name):
            yield f"the policy wants an annotation {name}: write it below annotations:", ("annotations",)
    hold = rule.hold or timedelta(0)
    if policy.for_at_least is not None and hold < policy.for_at_least:
        yield f"the policy wants for: {duration.text(policy.for_at_least)} or more: write that", ("for",)
    if policy.for_at_most is not None and hold > policy.for_at_most:
        yield f"the policy wants for: {duration.text(policy.for_at_most)} or less: write that", ("for",)


RULE = Rule(
    Group,
    check,
    {"R042": Level.WARNING},
    needs=frozenset(("policy",)),
    peers=("pint rule/label", "pint alerts/annotation", "pint rule/for", "pint rule/name", "promruval hasLabels"),
)
