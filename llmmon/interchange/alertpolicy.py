"""What OpenSLO's alert policies ask for, and what of it a spec does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.interchange.documents import Node


def look_at_policies(policies: Node, kept: Mapping[tuple[str, str], Node]) -> None:
    """Says what is left out of every policy, inline or named."""
    for policy in policies.items():
        reference = policy.at("alertPolicyRef")
        if isinstance(policy.value, str):  # v1alpha and some tools name it alone
            reference = policy
        found = kept.get(("AlertPolicy", reference.text())) if reference else policy
        if found is None:
            reference.lost(
                f"there is no AlertPolicy {reference.text()!r} in what was read: alerts are made all the same"
            )
            continue
        _look_at(found.at("spec"), kept)


def _look_at(spec: Node, kept: Mapping[tuple[str, str], Node]) -> None:
    conditions = list(spec.at("conditions").items())
    for node in conditions[1:]:
        node.lost("a policy has one condition: this one is left out")
    for node in conditions[:1]:
        reference = node.at("conditionRef")
        found = kept.get(("AlertCondition", reference.text())) if reference else node
        if found is None:
            reference.lost(f"there is no AlertCondition {reference.text()!r} in what was read")
            continue
        _look_at_condition(found.at("spec", "condition"))
    if spec.at("alertWhenResolved").flag():
        spec.at("alertWhenResolved").lost("who is told that it is over is a receiver's setting, in the fleet")
    if spec.at("alertWhenBreaching").flag() is False:
        spec.at("alertWhenBreaching").lost("alerts are made for every objective")
    if spec.at("notificationTargets"):
        spec.at("notificationTargets").note("who is told follows from the team, in the fleet")


def _look_at_condition(condition: Node) -> None:
    kind = condition.at("kind")
    if kind and kind.text().lower() != "burnrate":
        kind.lost(f"{kind.text()!r} is no condition that is known: burn rates are watched")
        return
    for key in ("threshold", "lookbackWindow", "alertAfter"):
        if condition.at(key):
            condition.at(key).note("burn rates are watched over pairs of windows that follow from the objective's")
            return
