"""Servers that send to an engine, as Kubernetes runs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import kubernetes_validate  # type: ignore[import-untyped] # it has no stubs
import pytest
from deployment_examples import DEPLOY, FLEET, compiled, made, one

if TYPE_CHECKING:
    from conftest import Fleet

MIMIR = "backend: {mimir: {url: 'https://mimir.example', agent: true, bearer: {secret: mimir/token}}}\n"
THANOS = "backend: {thanos: {storage: {secret: thanos/objstore.yml}, query: ['thanos-query:9090'], frontend: %s}}\n"
REPLICAS = FLEET.replace("prometheus:\n", "prometheus:\n  replicas: 2\n  external_labels: {cluster: eu-1}\n")
LABELLED = FLEET.replace("prometheus:\n", "prometheus:\n  external_labels: {cluster: eu-1}\n")
WRITES = FLEET.replace("prometheus:\n", "prometheus:\n  remote_write: [{url: 'https://long.example'}]\n")


def server(fleet: str) -> dict[str, Any]:
    found = one(made(fleet=fleet), "StatefulSet", "prometheus")
    kubernetes_validate.validate(found, "1.33", strict=True)
    return found["spec"]["template"]["spec"]  # type: ignore[no-any-return]


def test_an_agent_starts_as_one_and_loads_no_rules() -> None:
    found = server(REPLICAS.replace("retention: {time: 30d, size: 50GB}", "timeout: 10s") + MIMIR)
    (container,) = found["containers"]
    args = ["--config.file=/etc/prometheus/prometheus.yml", "--storage.agent.path=/prometheus", "--agent"]
    assert container["args"] == args
    assert not [volume for volume in found["volumes"] if volume["name"].startswith("rules")]
    assert any("mimir" in item["mountPath"] for item in container["volumeMounts"])


def test_replicas_know_their_names() -> None:
    (container,) = server(REPLICAS)["containers"]
    assert container["env"] == [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
    assert "env" not in server(FLEET)["containers"][0]


def test_replicas_that_send_the_same_are_a_warning_until_a_label_tells_them_apart(fleet: Fleet) -> None:
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nworkload: {namespace: llm, name: c}")
    fleet.write("specs/fleet.yaml", WRITES + DEPLOY)
    assert "write prometheus: {replicas: 2}" in fleet.run("check").out
    fleet.write("specs/fleet.yaml", WRITES.replace("prometheus:\n", "prometheus:\n  replicas: 2\n") + DEPLOY)
    assert "deploy-duplicates" not in fleet.run("check").out


def test_grafana_has_the_secrets_that_its_datasource_reads() -> None:
    """A file that is missing stops Grafana at its start."""
    files = compiled(fleet=FLEET + MIMIR)
    read = re.findall(r"\$__file\{(.+)/[^/]+\}", files["grafana/provisioning/datasources/llmmon.yaml"])
    assert read == ["/etc/grafana/secrets/mimir"]
    (main, _) = one(made(fleet=FLEET + MIMIR), "Deployment", "grafana")["spec"]["template"]["spec"]["containers"]
    assert set(read) <= {item["mountPath"] for item in main["volumeMounts"]}


@pytest.mark.parametrize(
    "backend",
    [
        MIMIR.replace("https://mimir.example", "http://mimir-gateway.mimir:8123"),
        THANOS % "'http://thanos-query-frontend:8123'",
    ],
)
def test_grafana_may_ask_the_engine(backend: str) -> None:
    policy = one(made(fleet=LABELLED + backend), "NetworkPolicy", "acme-grafana")
    assert 8123 in {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}


def test_a_bucket_that_nothing_reaches_is_a_warning(fleet: Fleet) -> None:
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nworkload: {namespace: llm, name: c}")
    alone = "backend: {thanos: {storage: {secret: thanos/objstore.yml}, query: ['thanos-query:9090']}}\n"
    fleet.write("specs/fleet.yaml", LABELLED + DEPLOY + alone)
    assert "no sidecar of Thanos" in fleet.run("check").out
    received = alone.replace("storage:", "receive: 'http://receive:19291/api/v1/receive', storage:")
    fleet.write("specs/fleet.yaml", LABELLED + DEPLOY + received)
    assert "deploy-sidecar" not in fleet.run("check").out
