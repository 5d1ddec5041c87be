"""What the API server or the operators would refuse in our objects, read back from their files."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from llmmon import duration
from llmmon.problem import Level, Problem
from llmmon.shape import faults
from llmmon.source.composer import LOADER
from llmmon.targets.operator.monitors import selected
from llmmon.targets.operator.rules import KINDS, LARGEST, size
from llmmon.targets.operator.shape import CORE, SPECS, of_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.plan.operator import Operator
    from llmmon.problem import Keys, Origin
    from llmmon.target import Artifact, Written
    from llmmon.tool import Tools

FLEET = PurePosixPath("kubernetes/operator")
HELM = FLEET / "helm"  # apart, so that `kubectl apply -f kubernetes/operator` meets objects only
MEBIBYTE = 1_048_576
MONITORS = frozenset({"ServiceMonitor", "PodMonitor"})
# A StatefulSet `prometheus-NAME` labels its pods with its name and a hash of ten digits, in at most 63 characters.
LONGEST = {"Prometheus": 63 - len("prometheus-") - 11, "Alertmanager": 63 - len("alertmanager-") - 11}

Found = tuple["Keys", str]


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    """A service's own objects, and what it lacks to have them."""
    if fleet.operator is None:
        return
    yield from _lacking(fleet, fleet.operator, service)
    for artifact in artifacts:
        yield from _judged(artifact.path, artifact.text, artifact.origins)


def verify(
    fleet: Fleet,
    facts: Iterable[Facts],  # noqa: ARG001 - the contract's arguments
    scratch: Path,
    written: Sequence[Written],
    tools: Tools,  # noqa: ARG001
) -> Iterator[Problem]:
    """The fleet's objects; no tool is asked, because none reads custom resources without a server."""
    if fleet.operator is None:
        return
    for file in written:
        if file.path.is_relative_to(FLEET) and not file.path.is_relative_to(HELM) and file.owner == _owner(fleet):
            yield from _judged(file.path, (scratch / file.path).read_text("utf-8"), file.origins)


def refused(found: Mapping[str, Any]) -> Iterator[Found]:
    """Where an object is wrong, as keys inside it, and why: first its fields, then what they say together."""
    kind = str(found.get("kind"))
    if kind not in CORE and kind not in SPECS:
        yield (), f"{kind!r} is no kind of ours"
        return
    wrong = list(faults(found, of_object(kind)))
    yield from wrong
    if not wrong:
        yield from _together(kind, found)


def _owner(fleet: Fleet) -> str:
    return fleet.origin.document.path


def _lacking(fleet: Fleet, operator: Operator, service: Service) -> Iterator[Problem]:
    at = operator.of(service.name).origin
    if service.name == FLEET.name:
        message = f"{FLEET} holds the fleet's own objects: rename this service, or ask for no operator objects"
        yield Problem(service.origin, message, "operator-name")
    asked = operator.kinds & MONITORS
    if service.workload is None:
        if service.name in operator.services:
            message = f"{service.name} has no workload, so nothing here can be found in Kubernetes: write `workload:`"
            yield Problem(service.origin, message, "operator-workload", Level.WARNING)
        return
    if asked and not all(selected(rules) for rules in service.rules):
        message = (
            f"no alert of {service.name} asks for `up`, so its {' and '.join(sorted(asked))} cannot know the labels "
            "that its rules select: see that its targets have them"
        )
        yield Problem(at, message, "operator-labels", Level.WARNING)
    if "Probe" in operator.kinds and fleet.blackbox and service.health and not fleet.blackbox.asked.get(service.name):
        message = (
            f"the readiness of {service.name} has no path with a numbered port to ask from outside: "
            "write `outside: {checks: {NAME: http://...}}` in this service"
        )
        yield Problem(service.origin, message, "operator-probe", Level.WARNING)


def _judged(path: PurePosixPath, text: str, origins: Mapping[Keys, Origin]) -> Iterator[Problem]:
    try:
        objects = list(yaml.load_all(text, Loader=LOADER))
    except yaml.YAMLError as error:
        yield Problem(origins[()], f"{path}: not YAML: {' '.join(str(error).split())}", "operator-refused")
        return
    for found in objects:
        if not isinstance(found, dict):
            yield Problem(origins[()], f"{path}: {found!r} is no object", "operator-refused")
            continue
        for keys, why in refused(found):
            where = ".".join(map(str, keys)) or str(found.get("kind"))
            yield Problem(_origin(origins, found, keys), f"{path}: {where}: {why}", "operator-refused")


def _origin(origins: Mapping[Keys, Origin], found: Mapping[str, Any], keys: Keys) -> Origin:
    """Rules are known by their group's name and their place in it."""
    place: Keys = ()
    if found.get("kind") in KINDS and keys[:2] == ("spec", "groups") and len(keys) > 2:
        group = found["spec"]["groups"][keys[2]]
        name = group.get("name") if isinstance(group, dict) else None
        place = (name, keys[4]) if keys[3:4] == ("rules",) and len(keys) > 4 else (name,)  # type: ignore[assignment]
    return next(origins[place[:end]] for end in range(len(place), -1, -1) if place[:end] in origins)


# What the fields of a right form still say wrong together


def _together(kind: str, found: Mapping[str, Any]) -> Iterator[Found]:
    name = found["metadata"]["name"]
    if len(name) > LONGEST.get(kind, len(name)):
        message = (
            f"{name!r} is too long for the labels of a {kind}'s pods: name the fleet in {LONGEST[kind]} characters"
        )
        yield ("metadata", "name"), message
    match kind:
        case "ServiceMonitor":
            yield from _monitor(found["spec"], "endpoints", "targetPort")
        case "PodMonitor":
            yield from _monitor(found["spec"], "podMetricsEndpoints", "portNumber")
        case "PrometheusRule" | "VMRule":
            yield from _rules(found["spec"]["groups"])
        case "Secret" | "ConfigMap":
            yield from _data(found)
        case "AlertmanagerConfig":
            yield from _routing(found["spec"])
        case "Alertmanager":
            yield from _one_of(found["spec"], ("configSecret", "alertmanagerConfiguration"), ("spec",))
        case _:
            pass


def _monitor(spec: Mapping[str, Any], endpoints: str, number: str) -> Iterator[Found]:
    if not spec["selector"].get("matchLabels"):
        yield ("spec", "selector"), "it selects everything in the namespace: name a label"
    for index, endpoint in enumerate(spec[endpoints]):
        here: Keys = ("spec", endpoints, index)
        yield from _one_of(endpoint, ("port", number), here)
        interval, timeout = (duration.parse(endpoint.get(key, "")) for key in ("interval", "scrapeTimeout"))
        if interval and timeout and timeout > interval:
            yield (*here, "scrapeTimeout"), "it is longer than the interval"


def _rules(groups: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    for name, count in Counter(group["name"] for group in groups).items():
        if count > 1:
            yield ("spec", "groups"), f"{count} groups are called {name!r}"
    for index, group in enumerate(groups):
        for number, rule in enumerate(group["rules"]):
            here: Keys = ("spec", "groups", index, "rules", number)
            yield from _one_of(rule, ("alert", "record"), here)
            for key in ("for", "keep_firing_for", "annotations"):
                if "record" in rule and key in rule:
                    yield (*here, key), "a recording rule has none"
    if (total := size(groups)) > LARGEST:
        here = ("spec", "groups", 0) if len(groups) == 1 else ("spec", "groups")
        yield here, f"{total} bytes of rules are more than the {LARGEST} that one object may hold: shorten them"


def _data(found: Mapping[str, Any]) -> Iterator[Found]:
    for key in ("data", "stringData"):
        total = sum(len(text.encode("utf-8", "replace")) for text in found.get(key, {}).values())
        if total > MEBIBYTE:
            yield (key,), f"{total} bytes are more than the {MEBIBYTE} that Kubernetes takes"


def _routing(spec: Mapping[str, Any]) -> Iterator[Found]:
    for key, items in (("receivers", spec["receivers"]), ("muteTimeIntervals", spec.get("muteTimeIntervals", ()))):
        for name, count in Counter(item["name"] for item in items).items():
            if count > 1:
                yield ("spec", key), f"{count} are called {name!r}"
    receivers = {item["name"] for item in spec["receivers"]}
    intervals = {item["name"] for item in spec.get("muteTimeIntervals", ())}
    for key in ("matchers", "continue", "muteTimeIntervals", "activeTimeIntervals"):
        if key in spec["route"]:
            yield ("spec", "route", key), "the root route may have none"
    yield from _route(spec["route"], ("spec", "route"), receivers, intervals)


def _route(route: Mapping[str, Any], here: Keys, receivers: set[str], intervals: set[str]) -> Iterator[Found]:
    if route["receiver"] not in receivers:
        yield (*here, "receiver"), f"there is no receiver {route['receiver']!r}"
    for key in ("muteTimeIntervals", "activeTimeIntervals"):
        for name in route.get(key, ()):
            if name not in intervals:
                yield (*here, key), f"there is no time interval {name!r}"
    for index, child in enumerate(route.get("routes", ())):
        yield from _route(child, (*here, "routes", index), receivers, intervals)


def _one_of(value: Mapping[str, Any], names: tuple[str, str], here: Keys) -> Iterator[Found]:
    said = [name for name in names if name in value]
    if len(said) != 1:
        yield here, f"exactly one of {' and '.join(names)} is allowed, found {' and '.join(said) or 'neither'}"
