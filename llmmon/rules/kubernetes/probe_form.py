"""A probe that Kubernetes refuses, or that asks a port which the container does not name.

A schema lets all of these pass: no way of asking or two, a `successThreshold` other than 1 where only 1 is allowed. A
port name that is not in `ports` is accepted, and the probe then always fails.

Bad:

    kind: Deployment
    spec: {template: {spec: {containers: [{name: a, image: a, livenessProbe: {periodSeconds: 5}}]}}}

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: a
              image: a
              ports: [{name: http, containerPort: 80}]
              readinessProbe: {httpGet: {path: /, port: htpp}}

Good:

    kind: Deployment
    spec: {template: {spec: {containers: [{name: a, image: a, livenessProbe: {exec: {command: [a]}}}]}}}

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: a
              image: a
              ports: [{name: http, containerPort: 80}]
              readinessProbe: {httpGet: {path: /, port: http}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.documents.objects import Container
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.rule import Facts

_NAME = lazily.pattern(r"(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


def check(container: Container, facts: Facts) -> Iterator[Finding]:
    del facts
    for key, probe in container.probes() if "image" in container.value else ():  # else it is a patch of another
        ways = [way for way in _HANDLERS if way in probe]
        if len(ways) != 1 and probe and (ways or "patch" not in container.origin.document.path):
            what = f"asks in {len(ways)} ways" if ways else "does not say how to ask"
            yield Finding("K009", f"{key} {what}: write one of {', '.join(_HANDLERS)}", keys=(key,))
        if key != "readinessProbe" and str(probe.get("successThreshold")) not in ("1", "None"):
            message = f"successThreshold of {key} must be 1: remove it"
            yield Finding("K009", message, keys=(key, "successThreshold"))
        if key == "readinessProbe" and "terminationGracePeriodSeconds" in probe:
            message = "readinessProbe kills nothing, so it has no terminationGracePeriodSeconds: remove it"
            yield Finding("K009", message, keys=(key, "terminationGracePeriodSeconds"))
        for way in ways:
            yield from _port(container, key, way, probe[way])


def _port(container: Container, key: str, way: str, handler: Mapping[str, Any] | None) -> Iterator[Finding]:
    port = handler.get("port") if isinstance(handler, dict) else None
    names = container.ports()
    if isinstance(port, str) and _NAME.fullmatch(port) and port not in names:
        near = get_close_matches(port, names, 1)
        hint = f"did you mean {near[0]}?" if near else "name one there, or write its number"
        message = f"no port of {container.value.get('name')} is named {port}: {hint}"
        yield Finding("K005", message, keys=(key, way, "port"))


RULE = Rule(Container, check, {"K005": Level.ERROR, "K009": Level.ERROR})
