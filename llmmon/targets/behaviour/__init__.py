"""Behaviour tests: for every alert, series on which `promtool test rules` shows when it fires and when it must not.

They are made from the alert's shape, never from its expression; what must happen is worked out by a small model. One
file per service, environment and evaluation interval, because promtool has one interval for a file.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import dump, duration
from llmmon.problem import Level, Problem
from llmmon.target import Artifact, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from llmmon.plan import Alert, Fleet, Rules, Service
    from llmmon.problem import Keys, Origin, Unverified

    from .group import Group


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`prometheus/tests/<environment>/<service>.yaml`, and `<service>.<step>.yaml` for what needs a coarser step."""
    for rules in service.rules:
        by_step: dict[timedelta, list[tuple[Alert, Group]]] = {}
        alerts = rules.alerts
        for alert in alerts:
            found = proof(fleet, service, rules.environment, alert, alerts)
            for group in found if isinstance(found, list) else ():
                by_step.setdefault(group.step, []).append((alert, group))
        for step, members in sorted(by_step.items()):
            yield _artifact(service, rules, step, members)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem | Unverified]:
    """A warning for each alert that has no test, in the first environment that has it."""
    tested = {(item.path.parts[2], str(keys[0])) for item in artifacts for keys in item.origins if keys}
    said: set[str] = set()
    for rules in service.rules:
        ids = {name.partition(",")[0] for environment, name in tested if environment == rules.environment}
        for alert in rules.alerts:
            if alert.id not in ids and alert.name not in said:
                said.add(alert.name)
                found = proof(fleet, service, rules.environment, alert, rules.alerts)
                message = f"{alert.name} has no behaviour test: {found}"
                yield Problem(alert.origin, message, "no-proof", Level.WARNING)


def proof(
    fleet: Fleet, service: Service, environment: str, alert: Alert, siblings: Sequence[Alert]
) -> list[Group] | str:
    """An alert's test groups, or the reason why it has none; `siblings` are all alerts of the environment."""
    from .choose import Unsatisfiable
    from .scenario import CannotFire
    from .shaped import groups

    try:
        return list(groups(alert, siblings, fleet, service, environment))
    except (Unsatisfiable, CannotFire) as error:
        return str(error)


def _artifact(service: Service, rules: Rules, step: timedelta, members: Sequence[tuple[Alert, Group]]) -> Artifact:
    tail = "" if step.total_seconds() == 60 else f".{duration.text(step)}"
    path = PurePosixPath("prometheus/tests", rules.environment, f"{service.name}{tail}.yaml")
    data: dict[str, Any] = {
        "rule_files": [f"../../{'plain' if rules.central else 'rules'}/{rules.environment}/{service.name}.yaml"],
        "evaluation_interval": duration.text(step),
        "group_eval_order": [group.name for group in rules.groups],  # else promtool takes them in any order
        "tests": [group.data() for _, group in members],
    }
    origins: dict[Keys, Origin] = {(): service.origin}
    origins |= {(group.name,): alert.origin for alert, group in members}  # as promtool names them
    return Artifact(path, dump.yaml_text(data, dump.notice(service.spec)), origins, service.spec)


TARGET = Target("behaviour", of_service, None, check, also="prometheus")
