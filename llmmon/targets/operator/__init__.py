"""Operator objects: monitors, rules, Prometheus and Alertmanager as custom resources, and values for the Helm chart."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import alertmanagerfile, rulefile
from llmmon.dump import notice, yaml_documents
from llmmon.inhibition import inhibitions
from llmmon.target import Artifact, Target
from llmmon.targets.operator.judge import FLEET, HELM, check, verify
from llmmon.targets.operator.monitors import monitors, probes
from llmmon.targets.operator.routing import alertmanager_config
from llmmon.targets.operator.rules import KINDS, rule_objects
from llmmon.targets.operator.servers import alertmanager, config_secret, prometheus, templates, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Facts, Fleet, Rules, Service
    from llmmon.plan.operator import Operator
    from llmmon.problem import Keys, Origin

VALUES = "kube-prometheus-stack"
NOTIFY = frozenset({"Alertmanager", VALUES})  # who takes the whole generated file from a Secret


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`kubernetes/<service>/<environment>/<kind>.yaml`: one folder is what one environment's cluster gets."""
    operator = fleet.operator
    if operator is None:
        return
    for rules in service.rules:
        folder = PurePosixPath("kubernetes", service.name, rules.environment)
        for kind, found in monitors(operator, service, rules):
            yield _artifact(folder, kind, [found], {(): operator.of(service.name).origin}, service.spec)
        environment = next(one for one in fleet.environments if one.name == rules.environment)
        if asked := list(probes(fleet, operator, service.name, environment)):
            yield _artifact(folder, "Probe", asked, {(): service.origin}, service.spec)
        groups = [rulefile.group(group) for group in rules.groups]
        for kind in _ruled(operator) if groups else ():
            objects = rule_objects(operator, kind, f"{service.name}.{rules.environment}", groups)
            yield _artifact(folder, kind, objects, _origins(rules), service.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`kubernetes/operator/`: the servers once, and the Watchdog of each environment."""
    operator = fleet.operator
    if operator is None:
        return
    owner = fleet.origin.document.path

    def made(kind: str, found: Mapping[str, Any], folder: PurePosixPath = FLEET) -> Artifact:
        return _artifact(folder, kind, [found], {(): operator.origins.get(kind, operator.origin)}, owner)

    for environment in fleet.environments:
        for kind in _ruled(operator):
            name = f"{fleet.name}.{environment.name}.watchdog"
            groups = [rulefile.watchdog(fleet, environment.name)]
            yield made(kind, rule_objects(operator, kind, name, groups)[0], FLEET / environment.name)
    if "Prometheus" in operator.kinds:
        yield made("Prometheus", prometheus(fleet, operator))
    if "Alertmanager" in operator.kinds:
        yield made("Alertmanager", alertmanager(fleet, operator))
    if "AlertmanagerConfig" in operator.kinds:
        yield made("AlertmanagerConfig", alertmanager_config(fleet, operator, inhibitions(fleet, facts)))
    said = notice(owner)
    text = alertmanagerfile.templates(fleet, said)
    if "AlertmanagerConfig" in operator.kinds:
        yield made("alertmanager-templates", templates(fleet, operator, text))
    elif operator.kinds & NOTIFY:
        value, _ = alertmanagerfile.whole(fleet, facts)
        yield made("alertmanager-config", config_secret(operator, value, text, said))
    if VALUES in operator.kinds:
        yield made(VALUES, values(fleet, operator), HELM)


def _ruled(operator: Operator) -> list[str]:
    return [kind for kind in KINDS if kind in operator.kinds]


def _artifact(
    folder: PurePosixPath, kind: str, objects: Sequence[Mapping[str, Any]], origins: Mapping[Keys, Origin], owner: str
) -> Artifact:
    text = yaml_documents(objects, notice(owner))
    return Artifact(folder / f"{kind.lower()}.yaml", text, origins, owner)


def _origins(rules: Rules) -> dict[Keys, Origin]:
    """By group and rule, as a complaint about an object names them."""
    out: dict[Keys, Origin] = {(): rules.groups[0].origin}
    for group in rules.groups:
        out[(group.name,)] = group.origin
        out.update({(group.name, index): rule.origin for index, rule in enumerate(group.rules)})
    return out


TARGET = Target("operator", of_service, of_fleet, check, verify, also="kubernetes")
