"""Grafana: one dashboard per file, and the provisioning files that load them.

In titles, legends and descriptions a `$name` of one of the dashboard's own variables is that variable, as Grafana
reads it; any other `$` stays as it is written. `{{label}}` in a legend is the value of a label.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.target import Artifact, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.plan.fleet import Severity
    from llmmon.problem import Problem

FOLDER = PurePosixPath("grafana")


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`grafana/dashboards/<service>/<dashboard>.json` for each of its dashboards."""
    if not service.dashboards:
        return
    from llmmon.dump import json_text
    from llmmon.targets.grafana.compose import compose  # grafanalib takes 0.1 s to import
    from llmmon.targets.grafana.modernise import modernise

    severities = _severities(fleet, service)
    for planned in service.dashboards:
        composed = compose(planned, severities)
        path = FOLDER / "dashboards" / service.name / f"{planned.name}.json"
        yield Artifact(path, json_text(modernise(composed.dashboard)), composed.origins, planned.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:  # noqa: ARG001 - the contract's arguments
    """`grafana/provisioning/{dashboards,datasources}/llmmon.yaml`, and all objectives on one dashboard."""
    from llmmon.dump import notice, yaml_text
    from llmmon.targets.grafana.provisioning import datasources, providers

    spec = fleet.origin.document.path
    for kind, value in (("dashboards", providers()), ("datasources", datasources(fleet))):
        path = FOLDER / "provisioning" / kind / "llmmon.yaml"
        yield Artifact(path, yaml_text(value, notice(spec)), {(): fleet.origin}, spec)
    yield from _objectives(fleet)


def _objectives(fleet: Fleet) -> Iterator[Artifact]:
    """`grafana/dashboards/<fleet>/all-objectives.json`."""
    from llmmon.targets.grafana.overall import overall

    planned = overall(fleet)
    if planned is None:
        return
    from llmmon.dump import json_text
    from llmmon.targets.grafana.compose import compose
    from llmmon.targets.grafana.modernise import modernise

    composed = compose(planned, {})
    path = FOLDER / "dashboards" / fleet.name / f"{planned.name}.json"
    yield Artifact(path, json_text(modernise(composed.dashboard)), composed.origins, planned.spec)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:  # noqa: ARG001 - as above
    """What Grafana itself would not complain of, and people would."""
    from llmmon.promql import DEFAULT_VERSION
    from llmmon.targets.grafana.proof import problems

    return problems(artifacts, fleet.versions.get("prometheus", DEFAULT_VERSION))


def _severities(fleet: Fleet, service: Service) -> Mapping[Severity, str]:
    found = {alert.severity for rules in service.rules for alert in rules.alerts}
    return {severity: fleet.severities[severity] for severity in fleet.severities if severity in found}


TARGET = Target(name="grafana", of_service=of_service, of_fleet=of_fleet, check=check)
