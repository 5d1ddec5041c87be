"""Probes that are too patient, or too strict, or that wait where nothing starts.

When liveness asks what readiness asks, as often, a container is killed in the moment in which it should only get no
more requests: a database that is away restarts everything. An answer that may take longer than the time between two
questions makes the interval a lie. A long `initialDelaySeconds` waits that long after each restart, also where
the start was quick.

Bad:

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: a
              image: b
              ports: [{containerPort: 80}]
              readinessProbe: {httpGet: {path: /health, port: 80}}
              livenessProbe: {httpGet: {path: /health, port: 80}}

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: a
              image: b
              livenessProbe: {tcpSocket: {port: 80}, timeoutSeconds: 30, periodSeconds: 10}

    kind: Deployment
    spec:
      template:
        spec: {containers: [{name: a, image: b, livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 300}}]}

Good:

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: a
              image: b
              readinessProbe: {httpGet: {path: /health, port: 80}}
              livenessProbe: {httpGet: {path: /health, port: 80}, failureThreshold: 10}

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: a
              image: b
              livenessProbe: {tcpSocket: {port: 80}, timeoutSeconds: 5, periodSeconds: 10}

    kind: Deployment
    spec:
      template:
        spec: {containers: [{name: a, image: b, startupProbe: {tcpSocket: {port: 80}, failureThreshold: 60}}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.documents.objects import Container
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.rule import Facts

_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")
_DEFAULTS = {"periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "initialDelaySeconds": 0}
_COMPARED = ("periodSeconds", "timeoutSeconds", "failureThreshold")
_LONG = 120  # seconds
_MEANT = 1800  # seconds; no start takes as long: this is the time that some work may take


def check(container: Container, facts: Facts) -> Iterator[Finding]:
    del facts
    if "image" not in container.value:  # a patch, of which the rest is elsewhere
        return
    probes = dict(container.probes())
    for key, probe in probes.items():
        timeout, period = _number(probe, "timeoutSeconds"), _number(probe, "periodSeconds")
        if timeout is not None and period is not None and timeout > period > 1 and "exec" not in probe:
            message = (
                f"{key} waits {timeout} s for an answer and asks every {period} s: "
                "make timeoutSeconds shorter than periodSeconds"
            )
            yield Finding(
                "K003", message, keys=(key, "timeoutSeconds" if "timeoutSeconds" in probe else "periodSeconds")
            )
    live, ready = probes.get("livenessProbe"), probes.get("readinessProbe")
    if container.helper or live is None:
        return
    served = bool(container.value.get("ports"))  # else it gets no requests
    if served and ready is not None and _question(live) == _question(ready):
        message = (
            "livenessProbe asks what readinessProbe asks, as often, so what should get no requests for a while is "
            "killed: give it a larger failureThreshold, or another path"
        )
        yield Finding("K002", message, keys=("livenessProbe",))
    delay = _number(live, "initialDelaySeconds") or 0
    if _LONG <= delay < _MEANT and "startupProbe" not in probes and not container.old:
        message = (
            f"livenessProbe waits {delay} s after each start: write startupProbe, which ends as soon as it answers"
        )
        yield Finding("K004", message, keys=("livenessProbe", "initialDelaySeconds"))


def _question(probe: Mapping[str, Any]) -> object:
    handlers = {key: probe[key] for key in _HANDLERS if key in probe}
    return handlers, *(_number(probe, key) for key in _COMPARED)


def _number(probe: Mapping[str, Any], key: str) -> int | None:
    text = str(probe.get(key, _DEFAULTS[key]))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


RULE = Rule(
    Container,
    check,
    {"K002": Level.NOTE, "K003": Level.NOTE, "K004": Level.NOTE},
    advice=frozenset(("K002", "K003", "K004")),
)
