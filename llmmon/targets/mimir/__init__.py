"""Mimir: rule files as mimirtool loads them, what its own configuration needs, and its Alertmanager's.

One namespace for each service and environment, in a folder of its tenant's: `mimirtool rules sync` takes one tenant.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import alertmanagerfile, rulefile
from llmmon.dump import notice, yaml_text
from llmmon.plan.backend import Mimir
from llmmon.target import Artifact, Target
from llmmon.targets.mimir.alertmanager import Placeholders, uploaded
from llmmon.targets.mimir.judge import ALERTMANAGER, CONFIG, RULES, TEMPLATE, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.plan.backend import Central
    from llmmon.problem import Keys, Origin


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`mimir/rules/<tenant>/<service>.<environment>.yaml`."""
    backend = fleet.backend
    if not isinstance(backend, Mimir):
        return
    for rules in service.rules:
        if rules.central:
            tenant = backend.tenant_of(service.team, rules.environment)
            groups = [_group(central) for central in rules.central]
            origins = _origins(rules.central)
            yield _namespace(tenant, f"{service.name}.{rules.environment}", groups, origins, service.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """The Watchdog of each tenant and environment, a fragment of Mimir's configuration, and its Alertmanager's."""
    backend = fleet.backend
    if not isinstance(backend, Mimir):
        return
    owner = fleet.origin.document.path
    said = notice(owner)
    for environment in fleet.environments:
        for tenant in tenants(fleet, backend, environment.name):
            groups = [rulefile.watchdog(fleet, environment.name)]
            yield _namespace(tenant, f"watchdog.{environment.name}", groups, {(): backend.origin}, owner)
    yield Artifact(CONFIG, yaml_text(configuration(fleet, backend), said), {(): backend.origin}, owner)
    if backend.alertmanager:
        value, origins = alertmanagerfile.whole(fleet, facts)
        secrets = Placeholders()
        value = uploaded(value, secrets)
        named = " ".join(f"${{{name}}}" for name in sorted(secrets.names.values()))
        text = yaml_text(value, f"{said}\nSecrets are variables: envsubst '{named}'" if named else said)
        yield Artifact(ALERTMANAGER, text, origins, owner)
        yield Artifact(TEMPLATE, alertmanagerfile.templates(fleet, said), {(): fleet.origin}, owner)


def tenants(fleet: Fleet, backend: Mimir, environment: str) -> list[str]:
    """Those whose rules see an environment."""
    return sorted({backend.tenant_of(team, environment) for team in backend.jobs or fleet.teams})


def configuration(fleet: Fleet, backend: Mimir) -> dict[str, Any]:
    """What Mimir's own configuration needs for these rules."""
    servers = fleet.servers
    out: dict[str, Any] = {}
    if backend.federated:
        out["tenant_federation"] = {"enabled": True}
        out["ruler"] = {"tenant_federation": {"enabled": True}}
    if told := (servers.alertmanagers if servers and not backend.alertmanager else None):
        base = [f"{told.scheme}://{target}{(told.path_prefix or '').rstrip('/')}" for target in told.targets]
        out["ruler"] = {"alertmanager_url": ",".join(base), **out.get("ruler", {})}
    elif backend.alertmanager:
        out["ruler"] = {"alertmanager_url": f"{backend.url}/alertmanager", **out.get("ruler", {})}
    out["limits"] = {
        "ruler_max_rule_groups_per_tenant": backend.groups,
        "ruler_max_rules_per_rule_group": backend.rules,
    }
    if servers and servers.replica:
        out["limits"]["accept_ha_samples"] = True
        out["distributor"] = {"ha_tracker": {"enable_ha_tracker": True}}
    return out


def _namespace(
    tenant: str, name: str, groups: list[dict[str, Any]], origins: dict[Keys, Origin], owner: str
) -> Artifact:
    text = yaml_text({"namespace": name, "groups": groups}, notice(owner))
    return Artifact(PurePosixPath(RULES, tenant, f"{name}.yaml"), text, origins, owner)


def _group(central: Central) -> dict[str, Any]:
    written = rulefile.group(central.group)
    rules = written.pop("rules")
    return {**written, **({"source_tenants": list(central.sources)} if central.sources else {}), "rules": rules}


def _origins(groups: Sequence[Central]) -> dict[Keys, Origin]:
    """By group and rule, as a complaint names them."""
    out: dict[Keys, Origin] = {(): groups[0].group.origin}
    for central in groups:
        out[(central.group.name,)] = central.group.origin
        out.update({(central.group.name, index): rule.origin for index, rule in enumerate(central.group.rules)})
    return out


TARGET = Target("mimir", of_service, of_fleet, None, verify, ("promtool", "amtool", "mimirtool"))
