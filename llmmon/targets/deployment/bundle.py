"""The kustomization around it all: which files become objects, and which become ConfigMaps.

kustomize reads no file above the folder that it stands in, so it stands at the top of `generated/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon.targets.deployment import alertmanager, grafana

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy

MEBIBYTE = 1_048_576  # what Kubernetes takes in one ConfigMap
FULL = 900_000  # with room for the keys, and for a service that grows by one alert


@dataclass(frozen=True, slots=True)
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
