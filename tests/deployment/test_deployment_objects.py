"""What runs the stack: the objects, that Kubernetes' schemas take them, and that kustomize puts them together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import kubernetes_validate  # type: ignore[import-untyped] # it has no stubs
import pytest
import yaml
from deployment_examples import DEPLOY, FLEET, compiled, kustomized, made, objects, one, put

from llmmon.targets.deployment.bundle import FULL, packed
from llmmon.tool import TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Fleet

ROOT = Path(__file__).parents[2]
ISTIO = frozenset({"Gateway", "VirtualService", "AuthorizationPolicy", "Telemetry"})


@pytest.fixture
def kubectl() -> str:
    found = shutil.which("kubectl")
    if not found:
        pytest.skip(f"kubectl is not on PATH: {TOOLS['kubectl'].hint}")
    return found


def container(found: dict[str, Any]) -> dict[str, Any]:
    return found["spec"]["template"]["spec"]["containers"][0]  # type: ignore[no-any-return]


# Of all


def test_nothing_is_made_unless_it_is_asked_for(fleet: Fleet) -> None:
    assert fleet.run("generate").code == 0
    assert not (fleet.root / "generated/deployment").exists()
    assert not (fleet.root / "generated/kustomization.yaml").exists()


def test_the_schemas_of_kubernetes_take_every_object() -> None:
    for found in made():
        if found["kind"] not in ISTIO:
            kubernetes_validate.validate(found, "1.33", strict=True)


def test_the_schemas_of_kubernetes_take_our_own_fleet() -> None:
    files = sorted((ROOT / "generated/deployment").glob("*.yaml"))
    found = [item for file in files for item in yaml.safe_load_all(file.read_text())]
    assert len(found) > 20
    for item in found:
        if item["kind"] not in ISTIO:
            kubernetes_validate.validate(item, "1.33", strict=True)


def test_kustomize_brings_our_own_fleet_together(kubectl: str) -> None:
    found = kustomized(kubectl, ROOT / "generated")
    kinds = {item["kind"] for item in found}
    assert {"Namespace", "StatefulSet", "Deployment", "DaemonSet", "ConfigMap"} <= kinds
    assert not any(item["kind"] == "Deployment" and item["metadata"]["namespace"].startswith("llm-") for item in found)


def test_a_change_of_the_rules_rolls_prometheus_out_and_a_dashboard_does_not(tmp_path: Path, kubectl: str) -> None:
    def seen(files: Mapping[str, str], folder: str) -> tuple[str, set[str]]:
        put(files, tmp_path / folder)
        found = kustomized(kubectl, tmp_path / folder)
        pod = one(found, "StatefulSet", "prometheus")["spec"]["template"]["spec"]
        (volume,) = (item for item in pod["volumes"] if item["name"] == "rules-production")
        maps = {item["metadata"]["name"] for item in found if item["kind"] == "ConfigMap"}
        return volume["projected"]["sources"][0]["configMap"]["name"], maps

    files = dict(compiled())
    before, maps = seen(files, "before")
    assert before in maps
    assert re.fullmatch(r"rules-production-[a-z0-9]{10}", before)
    files["prometheus/rules/production/chat.yaml"] += "# changed\n"
    after, maps = seen(files, "after")
    assert after in maps
    assert after != before
    assert "dashboards-chat" in maps


def test_no_object_holds_a_secret() -> None:
    found = made()
    assert not [item for item in found if item["kind"] == "Secret"]
    text = yaml.safe_dump_all(found)
    assert "admin123" not in text
    variables = {v["name"]: v for item in found for v in _variables(item)}
    assert variables["GF_SECURITY_ADMIN_PASSWORD__FILE"]["value"] == "/etc/grafana/secrets/grafana-secrets/admin"
    assert variables["ELASTICSEARCH_PASSWORD"]["valueFrom"]["secretKeyRef"] == {
        "name": "grafana-reader",
        "key": "password",
    }


def _variables(found: dict[str, Any]) -> list[dict[str, Any]]:
    pod = found.get("spec", {}).get("template", {}).get("spec", {})
    return [variable for each in pod.get("containers", ()) for variable in each.get("env", ())]


# Each part


def test_prometheus_runs_with_the_flags_of_the_plan_and_without_a_way_to_reload_it() -> None:
    found = made()
    server = one(found, "StatefulSet", "prometheus")
    assert container(server)["image"] == "prom/prometheus:v3.5.0"
    assert container(server)["args"] == [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--storage.tsdb.retention.time=30d",
        "--storage.tsdb.retention.size=50000000000B",
    ]
    mounted = {item["mountPath"] for item in container(server)["volumeMounts"]}
    assert {
        "/etc/prometheus/rules/production",
        "/etc/prometheus/rules/staging",
        "/etc/prometheus/secrets/staging",
        "/etc/prometheus/ca",
    } <= mounted


def test_prometheus_may_see_what_it_scrapes_and_nothing_else() -> None:
    found = made()
    assert one(found, "ClusterRole", "acme-prometheus-pods")["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    ]
    assert one(found, "ClusterRole", "acme-prometheus-nodes")["rules"] == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
    ]
    bound = [item for item in found if item["kind"] == "RoleBinding" and "prometheus" in item["metadata"]["name"]]
    assert [item["metadata"]["namespace"] for item in bound] == ["llm", "monitoring"]


def test_a_server_that_asks_nobody_in_this_cluster_has_no_token() -> None:
    files = compiled(
        fleet=FLEET[: FLEET.index("  jobs:")] + FLEET[FLEET.index("tracing:") :],
        workload="scrape: {targets: {production: ['a:1'], staging: ['b:1']}}\n",
    )
    found = objects(files, "prometheus")
    assert one(found, "StatefulSet", "prometheus")["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
    assert not [item for item in found if item["kind"].endswith(("Role", "Binding"))]


def test_each_server_of_the_plan_is_one_of_its_own() -> None:
    files = compiled(
        fleet=FLEET.replace("{selector: {env: production}}", "{selector: {}}").replace("{env: staging}", "{}")
    )
    server = one(objects(files, "prometheus-staging"), "StatefulSet", "prometheus-staging")
    assert "--config.file=/etc/prometheus/prometheus.staging.yml" in container(server)["args"]
    assert server["spec"]["template"]["spec"]["volumes"][0] == {
        "name": "config",
        "configMap": {"name": "prometheus-staging-config"},
    }
    grafana = container(one(objects(files), "Deployment", "grafana"))
    asked = {item["name"]: item.get("value") for item in grafana["env"]}
    assert asked["PROMETHEUS_URL_STAGING"] == "http://prometheus-staging.monitoring.svc:9090"
    assert "$PROMETHEUS_URL_STAGING" in files["grafana/provisioning/datasources/llmmon.yaml"]


def test_alertmanagers_are_one_cluster_and_read_what_the_generated_file_names() -> None:
    found = made()
    server = one(found, "StatefulSet", "alertmanager")
    assert container(server)["args"][2:] == [
        "--cluster.peer=alertmanager-0.alertmanager-pods.monitoring.svc:9094",
        "--cluster.peer=alertmanager-1.alertmanager-pods.monitoring.svc:9094",
    ]
    mounted = {item["mountPath"] for item in container(server)["volumeMounts"]}
    said = compiled()["alertmanager/alertmanager.yml"]
    named = set(re.findall(r"(/etc/alertmanager/secrets/[^/\s]+)/", said))
    assert named
    assert named <= mounted
    assert one(found, "PodDisruptionBudget", "alertmanager")["spec"]["maxUnavailable"] == 1


def test_one_alertmanager_alone_looks_for_no_other() -> None:
    found = made(deploy=DEPLOY.replace("alertmanager: {replicas: 2}", "alertmanager: {replicas: 1}"))
    assert "--cluster.listen-address=" in container(one(found, "StatefulSet", "alertmanager"))["args"]
    assert not [
        item for item in found if (item["kind"], item["metadata"]["name"]) == ("PodDisruptionBudget", "alertmanager")
    ]


def test_a_file_of_the_users_own_goes_into_a_secret() -> None:
    files = compiled("alertmanager: {base: own.base.yaml}\n" + DEPLOY)
    volumes = one(objects(files), "StatefulSet", "alertmanager")["spec"]["template"]["spec"]["volumes"]
    assert volumes[0]["secret"]["secretName"] == "alertmanager-config"
    top = yaml.safe_load(files["kustomization.yaml"])
    assert [item["name"] for item in top["secretGenerator"]] == ["alertmanager-config"]


def test_grafana_keeps_nothing_itself_where_it_has_a_database() -> None:
    found = made()
    server = one(found, "Deployment", "grafana")
    said = {item["name"]: item.get("value") for item in container(server)["env"]}
    assert said["GF_DATABASE_HOST"] == "postgres.monitoring:5432"
    assert said["GF_DATABASE_PASSWORD__FILE"] == "/etc/grafana/secrets/grafana-secrets/database"  # noqa: S105
    assert said["PROMETHEUS_URL"] == "http://prometheus.monitoring.svc:9090"
    assert "volumeClaimTemplates" not in server["spec"]


def test_grafana_keeps_its_own_database_on_a_volume() -> None:
    found = made(deploy="deploy: {grafana: {admin: {secret: g/a}}}\n")
    server = one(found, "StatefulSet", "grafana")
    assert server["spec"]["volumeClaimTemplates"][0]["spec"]["resources"] == {"requests": {"storage": "5Gi"}}


def test_only_grafanas_sidecar_talks_to_the_api_server() -> None:
    found = made()
    pod = one(found, "Deployment", "grafana")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    with_token = [item["name"] for item in pod["containers"] if "token" in {m["name"] for m in item["volumeMounts"]}]
    assert with_token == ["dashboards"]
    assert one(found, "Role", "grafana")["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}
    ]


def test_dashboards_are_config_maps_with_the_sidecars_label_and_a_folder() -> None:
    top = yaml.safe_load(compiled()["kustomization.yaml"])
    (made,) = (item for item in top["configMapGenerator"] if item["name"] == "dashboards-chat")
    assert made == {
        "name": "dashboards-chat",
        "namespace": "monitoring",
        "files": ["grafana/dashboards/chat/objectives.json", "grafana/dashboards/chat/service.json"],
        "options": {
            "labels": {"grafana_dashboard": "1"},
            "annotations": {"grafana_folder": "chat"},
            "disableNameSuffixHash": True,
        },
    }


# ConfigMaps


def test_files_are_packed_into_config_maps_that_kubernetes_takes() -> None:
    files = [(PurePosixPath(f"{index}.yaml"), FULL // 2) for index in range(5)]
    made = list(packed("rules", files))
    assert [name for name, _ in made] == ["rules", "rules.2", "rules.3"]
    assert [path for _, paths in made for path in paths] == [path for path, _ in files]
    assert list(packed("rules", [])) == []


def test_rules_of_more_than_one_config_map_are_one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmmon.targets.deployment.bundle.FULL", 100)
    found = made(more="# as no other\n")
    (volume,) = (
        item
        for item in one(found, "StatefulSet", "prometheus")["spec"]["template"]["spec"]["volumes"]
        if item["name"] == "rules-production"
    )
    names = [source["configMap"]["name"] for source in volume["projected"]["sources"]]
    assert names == ["rules-production", "rules-production.2"]
