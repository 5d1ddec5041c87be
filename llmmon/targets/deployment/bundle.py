"""The kustomization around it all: which files become objects, and which become ConfigMaps.

kustomize reads no file above the folder that it stands in, so it stands at the top of `generated/`.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon.classes import field, frozen
from llmmon.targets.deployment import alertmanager, grafana, logstash, small, tracing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy
    from llmmon.plan.tracing import Tracing

FULL = 900_000  # of 1 MiB that Kubernetes takes: room for the keys, and for a service that grows by one alert


@frozen
class Map:
    """A ConfigMap out of files; `hashed` where its name says what is in it, so that a change rolls pods out."""

    name: str
    namespace: str
    files: tuple[PurePosixPath, ...]
    hashed: bool = True
    secret: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


def packed(name: str, files: Sequence[tuple[PurePosixPath, int]]) -> Iterator[tuple[str, tuple[PurePosixPath, ...]]]:
    """The files in as few ConfigMaps as hold them, in order: `name`, `name.2` and so on. A file with more than any
    may hold has one of its own, which is found when all are checked."""
    chunk: list[PurePosixPath] = []
    total = count = 0
    for path, size in files:
        if chunk and total + size > FULL:
            count += 1
            yield (name if count == 1 else f"{name}.{count}"), tuple(chunk)
            chunk, total = [], 0
        chunk.append(path)
        total += size
    if chunk:
        yield (name if not count else f"{name}.{count + 1}"), tuple(chunk)


def rule_maps(deploy: Deploy, environment: str, files: Mapping[PurePosixPath, int]) -> list[Map]:
    """The rule files of an environment."""
    found = [(path, size) for path, size in files.items() if path.parts[:3] == ("prometheus", "rules", environment)]
    return [Map(name, deploy.namespace, paths) for name, paths in packed(f"rules-{environment}", found)]


def dashboard_maps(deploy: Deploy, files: Mapping[PurePosixPath, int]) -> Iterator[Map]:
    """The dashboards of each service. Their names stay, for the sidecar reads what changes and forgets what goes."""
    services: dict[str, list[tuple[PurePosixPath, int]]] = {}
    for path, size in files.items():
        if path.parts[:2] == ("grafana", "dashboards"):
            services.setdefault(path.parts[2], []).append((path, size))
    for service, found in services.items():
        for name, paths in packed(f"dashboards-{service}", found):
            marks = {grafana.LABEL: "1"}, {grafana.FOLDER: service}
            yield Map(name, deploy.namespace, paths, False, False, *marks)


def config_maps(fleet: Fleet, deploy: Deploy) -> Iterator[Map]:
    """The other files that the parts read at their start."""
    if "alertmanager" in deploy.parts:
        folder = PurePosixPath("alertmanager")
        secret = fleet.base is not None
        yield Map(alertmanager.CONFIG, deploy.namespace, (folder / "alertmanager.yml",), secret=secret)
        yield Map(alertmanager.TEMPLATES, deploy.namespace, (folder / "templates" / "llmmon.tmpl",))
    if "grafana" in deploy.parts:
        folder = PurePosixPath("grafana/provisioning")
        yield Map(grafana.DATASOURCES, deploy.namespace, (folder / "datasources" / "llmmon.yaml",))
        yield Map(grafana.PROVIDERS, deploy.namespace, (folder / "dashboards" / "llmmon.yaml",))
    if fleet.tracing:
        yield from _tracing(deploy, fleet.tracing)
    if "blackbox" in deploy.parts:
        yield Map(small.BLACKBOX_CONFIG, deploy.namespace, (PurePosixPath("blackbox/blackbox.yml"),))
    if "logstash" in deploy.parts:
        where = deploy.parts["logstash"].namespace
        yield Map(logstash.CONFIG, where, (PurePosixPath("logstash/pipelines.yml"),))


def pipeline_map(deploy: Deploy, files: Mapping[PurePosixPath, int]) -> Map:
    """The pipelines that Logstash runs, one of Filebeat's among them. Logstash reads one folder, so it is one."""
    found = [path for path in files if path.suffix == ".conf" and path.parts[0] in ("logstash", "filebeat")]
    return Map(logstash.PIPELINES, deploy.parts["logstash"].namespace, tuple(found))


def _tracing(deploy: Deploy, said: Tracing) -> Iterator[Map]:
    if "collector" in deploy.parts:
        yield Map(tracing.COLLECTOR_CONFIG, deploy.namespace, (PurePosixPath("otel/collector.yaml"),))
        if said.samplers:
            yield Map(tracing.SAMPLER_CONFIG, deploy.namespace, (PurePosixPath("otel/sampler.yaml"),))
    if "jaeger" in deploy.parts:
        files = ["config.yaml", *([] if said.adaptive else ["sampling.json"])]
        yield Map(tracing.JAEGER_CONFIG, deploy.namespace, tuple(PurePosixPath("jaeger", name) for name in files))


def kustomization(resources: Sequence[str], maps: Sequence[Map]) -> dict[str, Any]:
    """The file itself."""
    made = {
        "configMapGenerator": [_generator(one) for one in maps if not one.secret],
        "secretGenerator": [_generator(one) for one in maps if one.secret],
    }
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(resources),
        **{key: value for key, value in made.items() if value},
    }


def _generator(one: Map) -> dict[str, Any]:
    options = {
        **({"labels": dict(one.labels)} if one.labels else {}),
        **({"annotations": dict(one.annotations)} if one.annotations else {}),
        **({} if one.hashed else {"disableNameSuffixHash": True}),
    }
    return {
        "name": one.name,
        "namespace": one.namespace,
        "files": [str(path) for path in one.files],
        **({"options": options} if options else {}),
    }
