"""The stack itself on Kubernetes: its parts with their rights and their ways in and out, and one kustomization."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon.dump import notice, yaml_documents, yaml_text
from llmmon.target import Artifact, Target
from llmmon.targets.deployment import alertmanager, bundle, grafana, namespaces, prometheus
from llmmon.targets.deployment.judge import FOLDER, ROOT, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy
    from llmmon.problem import Origin
    from llmmon.target import Written


def of_all(fleet: Fleet, written: Sequence[Written], scratch: Path) -> Iterator[Artifact]:
    """`deployment/<part>.yaml`, and the `kustomization.yaml` at the top that adds the files of all other targets."""
    deploy = fleet.deploy
    if deploy is None:
        return
    owner = fleet.origin.document.path
    said = notice(owner)
    sizes = {file.path: (scratch / file.path).stat().st_size for file in sorted(written, key=lambda one: one.path)}
    files, maps = made(fleet, deploy, sizes)
    for name, (origin, objects) in files.items():
        path = FOLDER / f"{name}.yaml"
        yield Artifact(path, yaml_documents(objects, said), {(): origin}, owner)
    resources = [str(FOLDER / f"{name}.yaml") for name in files]
    resources += ["filebeat"] if PurePosixPath("filebeat/kustomization.yaml") in sizes else []
    yield Artifact(ROOT, yaml_text(bundle.kustomization(resources, maps), said), {(): deploy.origin}, owner)


def made(
    fleet: Fleet, deploy: Deploy, sizes: Mapping[PurePosixPath, int]
) -> tuple[dict[str, tuple[Origin, list[dict[str, Any]]]], list[bundle.Map]]:
    """The objects by file, and the ConfigMaps."""
    files: dict[str, tuple[Origin, list[dict[str, Any]]]] = {}
    maps: list[bundle.Map] = []
    files["namespaces"] = (deploy.origin, list(namespaces.objects(deploy)))
    if fleet.servers and "prometheus" in deploy.parts:
        for environment in {name: None for server in fleet.servers.servers for name in server.environments}:
            maps += bundle.rule_maps(deploy, environment, sizes)
        for server in fleet.servers.servers:
            part = prometheus.of_server(deploy, server)
            config = PurePosixPath("prometheus", server.file)
            maps.append(bundle.Map(prometheus.config_name(server), deploy.namespace, (config,)))
            rules = [(name, _named(maps, name)) for name in server.environments if server.evaluates]
            found = list(prometheus.objects(deploy, fleet.servers, server, rules))
            files[part.name] = (part.origin, found)
    if "alertmanager" in deploy.parts:
        part = deploy.parts["alertmanager"]
        files["alertmanager"] = (part.origin, list(alertmanager.objects(fleet, deploy)))
    if deploy.grafana:
        part = deploy.parts["grafana"]
        files["grafana"] = (part.origin, list(grafana.objects(fleet, deploy, deploy.grafana)))
        maps += bundle.dashboard_maps(deploy, sizes)
    maps += bundle.config_maps(fleet, deploy)
    return files, maps


def _named(maps: Sequence[bundle.Map], environment: str) -> list[str]:
    return [one.name for one in maps if one.files[0].parts[:3] == ("prometheus", "rules", environment)]


TARGET = Target("deployment", verify=verify, tools=("kubectl",), of_all=of_all)
