"""The stack itself on Kubernetes: its parts with their rights and their ways in and out, and one kustomization."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.dump import notice, yaml_documents, yaml_text
from llmmon.target import Artifact, Target
from llmmon.targets.deployment import (
    access,
    alertmanager,
    backups,
    bundle,
    compose,
    grafana,
    logstash,
    namespaces,
    needs,
    network,
    prometheus,
    small,
    tracing,
)
from llmmon.targets.deployment.judge import COMPOSE, FOLDER, ROOT, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy
    from llmmon.problem import Keys, Origin
    from llmmon.target import Written
    from llmmon.targets.deployment.objects import Object


def of_all(fleet: Fleet, written: Sequence[Written], scratch: Path) -> Iterator[Artifact]:
    """`deployment/<part>.yaml`, a page of what has to be there, and the `kustomization.yaml` at the top, which adds the
    files of all other targets."""
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
    every = [found for _, objects in files.values() for found in objects]
    page = needs.page(every, [one.name for one in maps], deploy.access, said)
    yield Artifact(FOLDER / "README.md", page, {(): deploy.origin}, owner)
    resources = [str(FOLDER / f"{name}.yaml") for name in files]
    resources += ["filebeat"] if PurePosixPath("filebeat/kustomization.yaml") in sizes else []
    resources += ["jaeger/index-cleaner.yaml"] if "jaeger" in deploy.parts else []
    if deploy.laptop:
        laptop: dict[Keys, Origin] = {(): deploy.origin.at("compose")}
        asked = compose.prometheus(fleet, deploy.laptop)
        yield Artifact(PurePosixPath(compose.CONFIG), yaml_text(asked, said), laptop, owner)
        yield Artifact(COMPOSE, yaml_text(compose.compose(fleet, deploy, deploy.laptop), said), laptop, owner)
    yield Artifact(ROOT, yaml_text(bundle.kustomization(resources, maps), said), {(): deploy.origin}, owner)


def made(
    fleet: Fleet, deploy: Deploy, sizes: Mapping[PurePosixPath, int]
) -> tuple[dict[str, tuple[Origin, list[Object]]], list[bundle.Map]]:
    """The objects by file, and the ConfigMaps."""
    files: dict[str, tuple[Origin, list[Object]]] = {}
    maps: list[bundle.Map] = []
    files["namespaces"] = (deploy.origin, list(namespaces.objects(deploy)))
    if fleet.servers and "prometheus" in deploy.parts:
        evaluating = [server for server in fleet.servers.every if server.evaluates]
        for environment in {name: None for server in evaluating for name in server.environments}:
            maps += bundle.rule_maps(deploy, environment, sizes)
        for server in fleet.servers.every:
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
    files |= _others(fleet, deploy)
    if "logstash" in deploy.parts:
        maps.append(bundle.pipeline_map(deploy, sizes))
    maps += bundle.config_maps(fleet, deploy)
    return files, maps


def _others(fleet: Fleet, deploy: Deploy) -> dict[str, tuple[Origin, list[Object]]]:
    """What needs no size of a file to be known."""
    parts, made = deploy.parts, {}
    if fleet.tracing and "collector" in parts:
        made["otel-collector"] = (parts["collector"].origin, list(tracing.collectors(deploy, fleet.tracing)))
    if fleet.tracing and "jaeger" in parts:
        made["jaeger"] = (parts["jaeger"].origin, list(tracing.jaeger(deploy, fleet.tracing)))
    if deploy.lines:
        made["logstash"] = (parts["logstash"].origin, list(logstash.objects(fleet, deploy, deploy.lines)))
    if "pushgateway" in parts:
        made["pushgateway"] = (parts["pushgateway"].origin, list(small.pushgateway(deploy)))
        jobs = [found for backup in deploy.backups for found in backups.objects(fleet, deploy, backup)]
        made["backups"] = (parts["pushgateway"].origin, jobs)
    if fleet.blackbox and "blackbox" in parts:
        made["blackbox-exporter"] = (parts["blackbox"].origin, list(small.blackbox(deploy, fleet.blackbox)))
    if deploy.access:
        made["access"] = (deploy.access.origin, list(access.objects(deploy, deploy.access, fleet.tracing)))
    if policies := list(network.objects(fleet, deploy)):
        made["network"] = (deploy.origin.at("isolate"), policies)
    return made


def _named(maps: Sequence[bundle.Map], environment: str) -> list[str]:
    return [one.name for one in maps if one.files[0].parts[:3] == ("prometheus", "rules", environment)]


TARGET = Target("deployment", verify=verify, tools=("kubectl",), of_all=of_all)
