"""A fleet that asks for operator objects, and what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from conftest import Fleet

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}, staging: {selector: {env: staging}}}
teams:
  inference:
    critical: [{pagerduty: {secret: pagerduty/inference}}, {slack: "#inference"}]
    warning: [{email: a@b.example}, {webhook: {secret: hooks/url, bearer: hooks/token}}]
    info: [{opsgenie: {secret: opsgenie/key}}]
    quiet: {info: weekdays 22:00-07:00 UTC}
catch_all: [{slack: "#all"}]
watchdog: [{webhook: "http://switch.example/ping"}]
versions: {prometheus: "2.42", alertmanager: "0.28"}
receivers:
  slack: {secret: slack/url}
  email: {from: x@b.example, smarthost: "smtp.b.example:587", username: u, secret: smtp/password, require_tls: true}
blackbox: {address: "blackbox.monitoring:9115"}
operator:
  kinds: [KINDS]
  labels: {release: stack}
  scrape: {port: http, interval: 15s, timeout: 5s, bearer: {secret: chat/token}}
  prometheus: {retention: 30d, size: 50GB, storage: 100Gi}
  alertmanager: {storage: 1Gi}
"""
WORKLOAD = "workload: {namespace: llm, name: litellm}\nhealth: {port: 4000, liveness: /live, readiness: /ready}\n"
MOST = "ServiceMonitor, PrometheusRule, Probe, Prometheus, Alertmanager, kube-prometheus-stack"
OTHER = "PodMonitor, VMRule, AlertmanagerConfig, Alertmanager"


def prepare(fleet: Fleet, kinds: str, chat: str = WORKLOAD) -> None:
    """Specs that ask for these kinds, of a service that runs in Kubernetes."""
    fleet.write("specs/fleet.yaml", FLEET.replace("KINDS", kinds))
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + chat)


def generated(fleet: Fleet, kinds: str, chat: str = WORKLOAD) -> dict[str, list[dict[str, Any]]]:
    """The objects by path, below `generated/kubernetes`."""
    prepare(fleet, kinds, chat)
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    return objects(fleet)


def objects(fleet: Fleet) -> dict[str, list[dict[str, Any]]]:
    """All documents of all files, but for what the probes' own target makes."""
    files = fleet.files("generated/kubernetes")
    mine = {path: text for path, text in files.items() if path.count("/") > 1 or path.startswith("operator/")}
    return {path: list(yaml.safe_load_all(text)) for path, text in mine.items()}
