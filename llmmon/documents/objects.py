"""Objects of Kubernetes: the containers of workloads, Services, and the monitors of the Prometheus operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from llmmon.classes import frozen, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.problem import Origin

SERVERS = frozenset(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"))
_TEMPLATES = {
    **dict.fromkeys(SERVERS | {"Job"}, ("spec", "template")),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
_RELABELLING = frozenset(("commonLabels", "components", "labels", "transformers"))  # of a kustomization
_OLD = ("extensions/", "apps/v1beta")
_MONITORS = {"ServiceMonitor": "endpoints", "PodMonitor": "podMetricsEndpoints"}


@frozen
class Container:
    """A container of a workload that is written at `origin`; `helper` where it is no server of its own."""

    workload: str
    value: Mapping[str, Any]
    origin: Origin
    helper: bool
    old: bool = False  # of an API that Kubernetes 1.16 took away, and so knows no startupProbe

    def probes(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The probes by the names of their keys."""
        for key in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = self.value.get(key)
            if isinstance(probe, dict):
                yield key, probe

    def ports(self) -> list[str]:
        """The names of its ports."""
        return [str(port.get("name")) for port, _ in _maps(self.value.get("ports"), self.origin)]


@frozen
class Monitor:
    """A ServiceMonitor or a PodMonitor, with its endpoints."""

    kind: str
    name: str
    namespace: str
    value: Mapping[str, Any]
    origin: Origin
    endpoints: tuple[tuple[Mapping[str, Any], Origin], ...]


@frozen
class Target:
    """What a monitor may select: a Service, or the pods of a workload. `ports` are the names of its ports."""

    kind: str
    name: str
    namespace: str
    labels: Mapping[str, str]
    ports: frozenset[str]
    origin: Origin


@frozen
class Objects:
    """All objects of a run."""

    containers: tuple[Container, ...]
    monitors: tuple[Monitor, ...]
    targets: tuple[Target, ...]
    relabelled: bool = False  # kustomize, or Flux, gives labels that the files have not


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a document is an object whose form we know."""
    if not isinstance(value, dict) or not isinstance(value.get("apiVersion"), str):
        return False
    return value.get("kind") in (*_TEMPLATES, *_MONITORS, "Kustomization", "List", "Service")


def read(values: Iterable[tuple[Mapping[str, Any], Origin]]) -> Objects:
    """The parts of these objects that rules look at; what has not their form is passed over."""
    containers: list[Container] = []
    monitors: list[Monitor] = []
    targets: list[Target] = []
    relabelled = False
    for value, origin in _each(values):
        kind = value.get("kind")
        if kind == "Kustomization":
            relabelled |= bool(_RELABELLING & value.keys() or "commonMetadata" in _map(value.get("spec")))
        elif kind == "Service":
            targets.append(_service(value, origin))
        elif kind in _MONITORS:
            monitors.append(_monitor(str(kind), value, origin))
        elif kind in _TEMPLATES:
            pod, at = value, origin
            for key in _TEMPLATES[str(kind)]:
                pod, at = _map(pod.get(key)), at.at(key)
            found = list(_containers(str(kind), _map(pod.get("spec")), at.at("spec")))
            old = str(value.get("apiVersion")).startswith(_OLD)
            containers += [replace(one, old=True) for one in found] if old else found
            targets.append(_pods(value, pod, at, found))
    return Objects(tuple(containers), tuple(monitors), tuple(targets), relabelled)


def _each(values: Iterable[tuple[Mapping[str, Any], Origin]]) -> Iterator[tuple[Mapping[str, Any], Origin]]:
    for value, origin in values:
        if value.get("kind") == "List":
            yield from _each(_maps(value.get("items"), origin.at("items")))
        else:
            yield value, origin


def _containers(kind: str, spec: Mapping[str, Any], origin: Origin) -> Iterator[Container]:
    listed = list(_maps(spec.get("containers"), origin.at("containers")))
    for index, (value, at) in enumerate(listed):
        yield Container(kind, value, at, kind not in SERVERS or index > 0)
    for value, at in _maps(spec.get("initContainers"), origin.at("initContainers")):
        yield Container(kind, value, at, helper=True)


def _service(value: Mapping[str, Any], origin: Origin) -> Target:
    spec = _map(value.get("spec"))
    ports = frozenset(str(port["name"]) for port, _ in _maps(spec.get("ports"), origin) if port.get("name"))
    return Target("Service", *_identity(value), _labels(_map(value.get("metadata"))), ports, origin)


def _pods(value: Mapping[str, Any], pod: Mapping[str, Any], origin: Origin, containers: list[Container]) -> Target:
    ports = frozenset(name for container in containers for name in container.ports())
    return Target("Pod", *_identity(value), _labels(_map(pod.get("metadata"))), ports, origin)


def _monitor(kind: str, value: Mapping[str, Any], origin: Origin) -> Monitor:
    spec, key = _map(value.get("spec")), _MONITORS[kind]
    endpoints = tuple(_maps(spec.get(key), origin.at("spec", key)))
    return Monitor(kind, *_identity(value), spec, origin.at("spec"), endpoints)


def _identity(value: Mapping[str, Any]) -> tuple[str, str]:
    about = _map(value.get("metadata"))
    return str(about.get("name") or ""), str(about.get("namespace") or "")


def _labels(about: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(text) for key, text in _map(about.get("labels")).items()}


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: object, origin: Origin) -> Iterator[tuple[dict[str, Any], Origin]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield item, origin.at(index)
