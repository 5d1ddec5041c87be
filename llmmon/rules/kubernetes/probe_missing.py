"""A server without a readiness probe.

Kubernetes sends it requests from the moment that its process starts. What answers nobody needs no probe: jobs, init
containers, sidecars without a port, and servers without one.

Bad:

    kind: Deployment
    spec: {template: {spec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}}}

Good:

    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - {name: a, image: a, ports: [{containerPort: 80}], readinessProbe: {tcpSocket: {port: 80}}}

    kind: Job
    spec: {template: {spec: {containers: [{name: a, image: a, ports: [{containerPort: 80}]}]}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.objects import Container
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(container: Container, facts: Facts) -> Iterator[Finding]:
    del facts
    value = container.value
    if not container.helper and value.get("image") and value.get("ports") and not value.get("readinessProbe"):
        yield Finding("K001", f"{value.get('name')} gets requests before it is ready: write readinessProbe")


RULE = Rule(Container, check, {"K001": Level.NOTE}, peers=("kube-linter no-readiness-probe",), default=False)
