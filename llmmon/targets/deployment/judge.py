"""What Kubernetes would refuse, or take and not run: each object alone, then all of them together, then kustomize."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.problem import Problem, Unverified
from llmmon.shape import faults
from llmmon.source.composer import LOADER
from llmmon.targets.deployment.objects import PODS, Object, template
from llmmon.targets.deployment.shape import BODIES, COMPOSED, of_object
from llmmon.targets.deployment.together import disconnected
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Keys, Origin
    from llmmon.target import Written
    from llmmon.tool import Tools

FOLDER = PurePosixPath("deployment")
ROOT = PurePosixPath("kustomization.yaml")
COMPOSE = PurePosixPath("docker-compose.yml")
MEBIBYTE = 1_048_576
CONFIDENTIAL = re.compile(r"(?:^|_)(?:PASSWORD|SECRET|TOKEN|KEY|CREDENTIALS?)\Z")  # __FILE and _URL are not in it

Found = tuple["Keys", str]


def verify(
    fleet: Fleet,
    facts: Iterable[Facts],  # noqa: ARG001 - the contract's arguments
    scratch: Path,
    written: Sequence[Written],
    tools: Tools,
) -> Iterator[Problem | Unverified]:
    """Every object of ours, read back; then `kubectl kustomize`, which puts them together as it will be done."""
    if fleet.deploy is None:
        return
    objects: list[tuple[Written, Object]] = []
    for file in written:
        if file.path.suffix == ".yaml" and file.path.parent == FOLDER:
            objects += ((file, found) for found in _load(scratch / file.path))
    clean = True
    for file, found in objects:
        for keys, why in refused(found):
            clean = False
            yield _problem(file.origins[()], file.path, found, keys, why)
    top = yaml.safe_load((scratch / ROOT).read_text("utf-8"))
    for why in map_faults(top, scratch):
        yield Problem(fleet.deploy.origin, f"{ROOT}: {why}", "deploy-refused")
    if fleet.deploy.laptop:
        for keys, why in laptop_faults(yaml.safe_load((scratch / COMPOSE).read_text("utf-8"))):
            at = fleet.deploy.origin.at("compose")
            yield Problem(at, f"{COMPOSE}: {'.'.join(map(str, keys))}: {why}", "deploy-refused")
    if not clean:
        return
    names = {entry["name"] for key in ("configMapGenerator", "secretGenerator") for entry in top.get(key, ())}
    for index, why in disconnected([found for _, found in objects], names):
        file, found = objects[index]
        yield _problem(file.origins[()], file.path, found, (), why)
    yield from _kustomize(fleet.deploy.origin, tools)


def refused(found: Object) -> Iterator[Found]:
    """Where one object is wrong, as keys inside it, and why: its fields, then what they say together."""
    kind = str(found.get("kind"))
    if kind not in BODIES:
        yield (), f"{kind!r} is no kind of ours"
        return
    wrong = list(faults(found, of_object(kind)))
    yield from wrong
    if wrong:
        return
    if kind in PODS:
        yield from _workload(kind, found)
    if kind == "HorizontalPodAutoscaler" and found["spec"]["minReplicas"] > found["spec"]["maxReplicas"]:
        yield ("spec", "minReplicas"), "it is more than maxReplicas"


def map_faults(top: Mapping[str, Any], scratch: Path) -> Iterator[str]:
    """What kustomize or the API server would refuse in the ConfigMaps: files that are missing, and too many bytes."""
    made = [entry for key in ("configMapGenerator", "secretGenerator") for entry in top.get(key, ())]
    for (name, namespace), count in Counter((entry["name"], entry["namespace"]) for entry in made).items():
        if count > 1:
            yield f"{count} generators make {name} in {namespace}"
    for entry in made:
        paths = [scratch / file.rpartition("=")[2] for file in entry["files"]]
        missing = [str(path.relative_to(scratch)) for path in paths if not path.is_file()]
        if missing:
            yield f"{entry['name']}: there is no {', '.join(missing)}"
            continue
        keys = Counter(path.name for path in paths)
        yield from (f"{entry['name']}: {count} files are called {name}" for name, count in keys.items() if count > 1)
        total = sum(path.stat().st_size for path in paths)
        if total > MEBIBYTE:
            yield f"{entry['name']}: {total} bytes are more than the {MEBIBYTE} that Kubernetes takes"
    for path in top["resources"]:
        if not (scratch / path).exists():
            yield f"there is no {path}"


def laptop_faults(value: Mapping[str, Any]) -> Iterator[Found]:
    """Where a docker-compose.yml is wrong: its fields, a port that others than this machine see, or that is there
    twice, a name that nothing has, and what is unwise in any container."""
    wrong = list(faults(value, COMPOSED))
    yield from wrong
    if wrong:
        return
    taken = Counter(port.rsplit(":", 1)[0] for one in value["services"].values() for port in one["ports"])
    yield from ((("services",), f"{count} are on {place}") for place, count in taken.items() if count > 1)
    for name, one in value["services"].items():
        here: Keys = ("services", name)
        if one["image"].endswith(":latest"):
            yield (*here, "image"), f"{one['image']} is another image tomorrow: name a version"
        for word, known in (("volumes", value.get("volumes", {})), ("secrets", value.get("secrets", {}))):
            for used in one.get(word, ()):
                if used.get("type") != "bind" and used["source"] not in known:
                    yield (*here, word), f"there is no {used['source']}"
        for variable, said in one.get("environment", {}).items():
            if CONFIDENTIAL.search(variable):
                yield (*here, "environment", variable), f"it is a secret as a value of {len(said)} characters"


def _problem(origin: Origin, path: PurePosixPath, found: Object, keys: Keys, why: str) -> Problem:
    meta = found.get("metadata") or {}
    where = ".".join(map(str, keys))
    what = f"{found.get('kind')} {meta.get('name')}" + (f": {where}" if where else "")
    return Problem(origin, f"{path}: {what}: {why}", "deploy-refused")


def _load(path: Path) -> list[Object]:
    loaded = yaml.load_all(path.read_text("utf-8"), Loader=LOADER)
    return [found if isinstance(found, dict) else {"kind": type(found).__name__} for found in loaded]


def _workload(kind: str, found: Object) -> Iterator[Found]:
    place: Keys = PODS[kind]
    labels, pod = template(found)["metadata"]["labels"], template(found)["spec"]
    spec = found["spec"]
    if "selector" in spec and not spec["selector"]["matchLabels"].items() <= labels.items():
        yield ("spec", "selector"), "its own pods do not have these labels"
    containers = [*pod.get("initContainers", ()), *pod["containers"]]
    volumes = {volume["name"] for volume in pod.get("volumes", ())}
    volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())}
    used = {mounted["name"] for one in containers for mounted in one.get("volumeMounts", ())}
    for name in sorted(used - volumes):
        yield (*place, "spec", "volumes"), f"there is no volume {name}"
    for name in sorted(volumes - used):
        yield (*place, "spec", "volumes"), f"nothing mounts {name}"
    for index, volume in enumerate(pod.get("volumes", ())):
        if len(volume) != 2:
            yield (*place, "spec", "volumes", index), "a volume has one source"
    if not pod["securityContext"]["runAsNonRoot"]:
        yield (*place, "spec", "securityContext"), "it may run as root"
    for one in containers:
        yield from (((*place, "spec", "containers", one["name"]), why) for why in container_faults(one))


def container_faults(one: Mapping[str, Any]) -> Iterator[str]:
    """What is unwise in a container: rights that it does not need, an image that changes, a secret as a value."""
    rights = one["securityContext"]
    if rights["allowPrivilegeEscalation"] or not rights["readOnlyRootFilesystem"]:
        yield "it may gain rights, or write to its own image"
    if rights["capabilities"]["drop"] != ["ALL"]:
        yield "it keeps capabilities: drop ALL"
    if one["image"].endswith(":latest"):
        yield f"{one['image']} is another image tomorrow: name a version"
    paths = Counter(mounted["mountPath"] for mounted in one.get("volumeMounts", ()))
    yield from (f"{count} volumes are mounted at {path}" for path, count in paths.items() if count > 1)
    for port, count in Counter((p["containerPort"], p.get("protocol", "TCP")) for p in one.get("ports", ())).items():
        if count > 1:
            yield f"port {port[0]} is there {count} times"
    for variable in one.get("env", ()):
        if len(variable) != 2:
            yield f"{variable['name']} has either a value or a source"
        elif CONFIDENTIAL.search(variable["name"]) and not variable.get("value", "/").startswith(
            "/"
        ):  # a file that holds it
            yield f"{variable['name']} is a secret as a value: write a reference"


def _kustomize(origin: Origin, tools: Tools) -> Iterator[Problem | Unverified]:
    found = tools.find("kubectl")
    if isinstance(found, Missing):
        yield Unverified("the kustomization, by kustomize itself", found.hint, needed=False)
        return
    ran = tools.run("kubectl", ["kustomize", PurePosixPath(".")])
    if ran.code:
        said = " ".join(ran.stderr.split()) or f"it ended with code {ran.code}"
        yield Problem(origin, f"{ROOT}: kubectl kustomize: {said[-600:]}", "deploy-kustomize")
