"""What all objects say together: nobody refers to something that is not there, and nothing is there for nobody."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from llmmon.targets.deployment.objects import PODS, Object, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def disconnected(objects: Sequence[Object], generated: set[str]) -> Iterator[tuple[int, str]]:
    """Which object refers to nothing, and why; `generated` are the ConfigMaps and Secrets that kustomize makes."""
    there = Counter(_key(found) for found in objects)
    pods = [(found["metadata"].get("namespace"), template(found)) for found in objects if found["kind"] in PODS]
    accounts = {key[1:] for key in there if key[0] == "ServiceAccount"}
    roles = {(kind, name) for kind, _, name in there if kind in ("ClusterRole", "Role")}
    for index, found in enumerate(objects):
        kind, namespace, _ = _key(found)
        if there[_key(found)] > 1 and [_key(other) for other in objects].index(_key(found)) == index:
            yield index, f"there are {there[_key(found)]} of it"
        spec = found.get("spec", {})
        if kind == "Service":
            yield from ((index, why) for why in _served(spec, namespace, pods))
        if kind == "PodDisruptionBudget" and not _selected(spec["selector"]["matchLabels"], namespace, pods):
            yield index, "it selects no pod of ours"
        if kind == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            if (target["kind"], namespace, target["name"]) not in there:
                yield index, f"there is no {target['kind']} {target['name']}"
        if kind in PODS and (namespace, template(found)["spec"]["serviceAccountName"]) not in accounts:
            yield index, f"there is no account {template(found)['spec']['serviceAccountName']}"
        if kind == "StatefulSet" and ("Service", namespace, spec["serviceName"]) not in there:
            yield index, f"there is no Service {spec['serviceName']}"
        if kind.endswith("Binding"):
            yield from ((index, why) for why in _bound(found, accounts, roles))
    unused = generated - {used for found in objects if found["kind"] in PODS for used in _maps(template(found))}
    for one in sorted(name for name in unused if not name.startswith("dashboards-")):
        yield 0, f"nothing mounts {one}, which kustomize makes"


def _key(found: Object) -> tuple[str, str | None, str]:
    return found["kind"], found["metadata"].get("namespace"), found["metadata"]["name"]


def _selected(labels: Mapping[str, str], namespace: str | None, pods: Iterable[tuple[Any, Object]]) -> list[Object]:
    return [pod for where, pod in pods if where == namespace and labels.items() <= pod["metadata"]["labels"].items()]


def _served(spec: Mapping[str, Any], namespace: str | None, pods: Iterable[tuple[Any, Object]]) -> Iterator[str]:
    chosen = _selected(spec["selector"], namespace, pods)
    if not chosen:
        yield "it selects no pod of ours"
    for pod in chosen:
        open_ports = {port["name"] for one in pod["spec"]["containers"] for port in one.get("ports", ())}
        for port in spec["ports"]:
            if port["targetPort"] not in open_ports:
                yield f"no container has a port {port['targetPort']!r}"


def _bound(found: Object, accounts: set[Any], roles: set[tuple[str, str]]) -> Iterator[str]:
    role = found["roleRef"]
    if (role["kind"], role["name"]) not in roles:
        yield f"there is no {role['kind']} {role['name']}"
    for subject in found["subjects"]:
        if (subject["namespace"], subject["name"]) not in accounts:
            yield f"there is no account {subject['name']} in {subject['namespace']}"


def _maps(pods: Object) -> Iterator[str]:
    for volume in pods["spec"].get("volumes", ()):
        yield from (
            volume[key].get("name") or volume[key].get("secretName") for key in ("configMap", "secret") if key in volume
        )
        for source in volume.get("projected", {}).get("sources", ()):
            yield from (source["configMap"]["name"],) if "configMap" in source else ()
