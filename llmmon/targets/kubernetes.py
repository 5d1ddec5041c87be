"""Kubernetes probes: a patch for the service's workload, the kustomize component around it, and Helm values."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, assert_never

from llmmon.dump import notice, yaml_text
from llmmon.duration import seconds
from llmmon.plan.health import Exec, Grpc, Handler, Http, Probe, Tcp
from llmmon.problem import Problem
from llmmon.source.composer import LOADER
from llmmon.target import Artifact, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta

    from llmmon.plan import Fleet, Health, Service, Workload
    from llmmon.problem import Keys, Origin

_CONTAINER = ("spec", "template", "spec", "containers", 0)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = frozenset({"httpGet", "grpc", "tcpSocket", "exec"})
_COUNTS = ("periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold", "terminationGracePeriodSeconds")
_PORT_NAME = re.compile(r"(?=[0-9-]*[a-z])(?=.{1,15}\Z)[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def emit(fleet: Fleet, service: Service) -> Iterator[Artifact]:  # noqa: ARG001 - the contract's arguments
    """`probes.yaml`, `kustomization.yaml` and `helm-values.yaml` of a service that has probes."""
    health, workload = service.health, service.workload
    if health is None or workload is None or not health.probes:
        return
    probes = {f"{role}Probe": _probe(probe) for role, probe in health.probes.items()}
    yield _artifact(service, "probes.yaml", _patch(workload, probes), health, _CONTAINER)
    yield _artifact(service, "kustomization.yaml", _component(workload), health, None)
    yield _artifact(service, "helm-values.yaml", probes, health, ())


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:  # noqa: ARG001
    """What the API server would refuse in the probes of these artifacts, read back as data."""
    import yaml

    for artifact in artifacts:
        place = {"probes.yaml": _CONTAINER, "helm-values.yaml": ()}.get(artifact.path.name)
        if place is None:
            continue
        data = yaml.load(artifact.text, Loader=LOADER)  # noqa: S506 - it is safe
        for key in place:
            data = data[key]
        for name in _PROBES:
            for fault in faults(name, data[name]) if name in data else ():
                origin = _origin(artifact.origins, (*place, name))
                yield Problem(origin, f"{artifact.path}: {name}: {fault}", "probe-refused")


def faults(name: str, probe: Mapping[str, Any]) -> Iterator[str]:
    """Why the API server would refuse the probe under this key of a container, beyond what a schema sees."""
    handlers = sorted(_HANDLERS.intersection(probe))
    if len(handlers) != 1:
        yield f"exactly one handler is allowed, found {', '.join(handlers) or 'none'}"
    for handler in handlers:
        yield from _refused(handler, probe[handler])
    for key in _COUNTS:
        value = probe.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**31:
            yield f"{key} must be a whole number of at least 1, found {value!r}"
    if name != "readinessProbe" and probe.get("successThreshold", 1) != 1:
        yield f"successThreshold must be 1, found {probe['successThreshold']!r}"
    if name == "readinessProbe" and "terminationGracePeriodSeconds" in probe:
        yield "terminationGracePeriodSeconds is not allowed"


def _refused(handler: str, value: Mapping[str, Any]) -> Iterator[str]:
    port = value.get("port")
    numeric = isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65_535
    named = isinstance(port, str) and _PORT_NAME.match(port) and handler != "grpc"
    if handler == "exec":
        if not value.get("command"):
            yield "exec needs a command"
    elif not numeric and not named:
        yield f"{port!r} is no port for {handler}"
    if handler == "httpGet" and not str(value.get("path", "/")).startswith("/"):
        yield f"the path {value['path']!r} must start with /"


def _patch(workload: Workload, probes: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Whole probes replace the workload's own: merged, an old handler would stand beside the new one."""
    return {
        "apiVersion": "apps/v1",
        "kind": workload.kind,
        "metadata": {"name": workload.name, "namespace": workload.namespace},
        "spec": {
            "template": {
                "spec": {
                    "containers": [
                        {
                            "name": workload.container,
                            **{name: {"$patch": "replace", **probe} for name, probe in probes.items()},
                        }
                    ]
                }
            }
        },
    }


def _component(workload: Workload) -> dict[str, Any]:
    """The target finds the workload before or after kustomize sets its namespace and prefix.

    A target that finds nothing is no error for kustomize; a replacement that finds nothing is, so the name replaces
    itself.
    """
    found = {"group": "apps", "version": "v1", "kind": workload.kind, "name": workload.name}
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "patches": [{"path": "probes.yaml", "target": found}],
        "replacements": [
            {
                "source": {**found, "fieldPath": "metadata.name"},
                "targets": [{"select": found, "fieldPaths": ["metadata.name"]}],
            }
        ],
    }


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        **_handler(probe.handler),
        "periodSeconds": _whole(probe.period),
        "timeoutSeconds": _whole(probe.timeout),
        "failureThreshold": probe.failures,
        **({"successThreshold": probe.successes} if probe.successes != 1 else {}),
        **({"terminationGracePeriodSeconds": _whole(probe.grace)} if probe.grace else {}),
    }


def _handler(handler: Handler) -> dict[str, Any]:
    match handler:
        case Http(path, port):
            return {"httpGet": {"path": path, "port": port}}
        case Grpc(port, service):
            return {"grpc": {"port": port, **({"service": service} if service else {})}}
        case Tcp(port):
            return {"tcpSocket": {"port": port}}
        case Exec(command):
            return {"exec": {"command": list(command)}}
    assert_never(handler)


def _whole(value: timedelta) -> int:
    return int(seconds(value))


def _artifact(service: Service, name: str, data: dict[str, Any], health: Health, place: Keys | None) -> Artifact:
    origins: dict[Keys, Origin] = {(): health.origin}
    if place is not None:
        origins |= {(*place, f"{role}Probe"): probe.origin for role, probe in health.probes.items()}
    return Artifact(
        PurePosixPath("kubernetes", service.name, name), yaml_text(data, notice(service.spec)), origins, service.spec
    )


def _origin(origins: Mapping[Keys, Origin], keys: Keys) -> Origin:
    return next(origins[keys[:end]] for end in range(len(keys), -1, -1) if keys[:end] in origins)


TARGET = Target("kubernetes", of_service=emit, check=check)
