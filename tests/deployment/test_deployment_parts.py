"""Who talks to whom, who gets in, what is saved and when, what runs on a laptop, and what has to be there."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubernetes_validate  # type: ignore[import-untyped] # it has no stubs
import pytest
import yaml
from deployment_examples import DEPLOY, FLEET, compiled, made, objects, one, put

from llmmon.targets.deployment.judge import COMPOSE, laptop_faults, refused
from llmmon.targets.deployment.shape import WIDE
from llmmon.targets.deployment.together import disconnected
from llmmon.tool import TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping

GOLDEN = Path(__file__).parent / "golden"
ISTIO = frozenset({"Gateway", "VirtualService", "AuthorizationPolicy", "Telemetry"})
MORE = """\
  collector: {replicas: {min: 2, max: 6, cpu: 60}}
  jaeger: {replicas: 1}
  logstash: {replicas: 2, memory: 3Gi}
  access:
    domain: acme.example
    tls: acme-tls
    open: [grafana, prometheus, alertmanager, jaeger]
    beside: {kibana: "kibana.logging:5601"}
    login: oauth2-proxy
  backups:
    store: {secret: backup-store/rclone.conf}
    to: s3:backups
    of:
      prometheus: {every: 6h, at: "02:30", keep: 14}
      grafana: {at: "01:15"}
      notes: {every: 7d, namespace: llm, volume: notes, folder: data/copies, user: 1000}
  compose: {ports: {grafana: 3001}, services: {chat: 4000}}
"""
ALL = DEPLOY + MORE


def everything() -> list[dict[str, Any]]:
    return made(deploy=ALL)


def golden(name: str) -> str:
    return (GOLDEN / name).read_text()


def pod(found: dict[str, Any]) -> dict[str, Any]:
    return found["spec"]["template"]["spec"]  # type: ignore[no-any-return]


def job(name: str) -> dict[str, Any]:
    return one(everything(), "CronJob", name)["spec"]  # type: ignore[no-any-return]


def test_everything_is_right_to_us_and_to_the_schemas_of_kubernetes() -> None:
    files = compiled(ALL)
    for found in objects(files):
        assert list(refused(found)) == [], found["metadata"]["name"]
        if found["kind"] not in ISTIO:
            kubernetes_validate.validate(found, "1.33", strict=True)
    top = yaml.safe_load(files["kustomization.yaml"])
    assert list(disconnected(objects(files), {item["name"] for item in top["configMapGenerator"]})) == []


@pytest.mark.parametrize("name", ["pushgateway.yaml", "backups.yaml", "access.yaml", "README.md"])
def test_a_file_is_as_it_was(name: str) -> None:
    assert compiled(ALL)[f"deployment/{name}"] == golden(name)


# Tracing and logs


def test_the_collector_has_what_its_configuration_names() -> None:
    found = everything()
    collector = one(found, "Deployment", "otel-collector")
    config = compiled(ALL)["otel/collector.yaml"]
    folders = {str(Path(path).parent) for path in re.findall(r"\S+_file: (\S+)", config)}
    mounted = {item["mountPath"] for item in pod(collector)["containers"][0]["volumeMounts"]}
    assert folders
    assert folders <= mounted
    assert {"name": "GOMEMLIMIT", "value": "819MiB"} in pod(collector)["containers"][0]["env"]


def test_an_autoscaler_decides_how_many_collectors_there_are() -> None:
    found = everything()
    assert "replicas" not in one(found, "Deployment", "otel-collector")["spec"]
    scaler = one(found, "HorizontalPodAutoscaler", "otel-collector")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 6)
    assert scaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 60
    assert one(found, "Deployment", "jaeger")["spec"]["replicas"] == 1


def test_jaeger_is_where_spans_are_sent_and_has_its_secret() -> None:
    found = everything()
    assert {port["port"] for port in one(found, "Service", "jaeger-collector")["spec"]["ports"]} >= {4317, 5778}
    assert one(found, "Service", "jaeger-query")["spec"]["ports"][0] == {
        "name": "http",
        "port": 16686,
        "targetPort": "http",
    }
    named = set(re.findall(r"\$\{env:([A-Z_]+)\}", compiled(ALL)["jaeger/config.yaml"]))
    env = pod(one(found, "Deployment", "jaeger"))["containers"][0]["env"]
    assert named == {"JAEGER_ELASTICSEARCH_PASSWORD"}
    assert named <= {item["name"] for item in env if "valueFrom" in item}


def test_the_tier_that_samples_is_as_large_as_it_was_written_for() -> None:
    base = FLEET.replace("tracing:\n", "tracing:\n  at: tail\n  replicas: 3\n  samplers: otel-samplers.monitoring\n")
    found = made(deploy="deploy: {collector: {replicas: 3}}\n", fleet=base)
    assert one(found, "Deployment", "otel-sampler")["spec"]["replicas"] == 3
    assert one(found, "Service", "otel-samplers")["spec"]["clusterIP"] == "None"


@pytest.mark.parametrize("redact", ["", ", redact: {user: hash}"])
@pytest.mark.parametrize("tls", ["mutual", "server"])
def test_logstash_has_every_variable_and_port_of_its_pipelines(redact: str, tls: str) -> None:
    files = compiled(ALL, more=f"logs: {{input: {{tcp: 5000, tls: {tls}}}{redact}}}\n")
    container = pod(one(objects(files), "StatefulSet", "logstash"))["containers"][0]
    texts = [text for path, text in files.items() if path.endswith(".conf")]
    named = {name for text in texts for name in re.findall(r"\$\{([A-Z_]+)\}", text)}
    assert named <= {item["name"] for item in container["env"]}
    assert ("REDACT_KEY" in {item["name"] for item in container["env"]}) is bool(redact)
    assert {port["containerPort"] for port in container["ports"]} == {5000, 5044, 9600}
    top = yaml.safe_load(files["kustomization.yaml"])
    (pipelines,) = (item for item in top["configMapGenerator"] if item["name"] == "logstash-pipelines")
    assert pipelines["files"] == ["filebeat/pipeline/kubernetes.conf", "logstash/pipeline/chat.conf"]
    assert {"name": "LS_JAVA_OPTS", "value": "-Xms1536m -Xmx1536m"} in container["env"]


def test_filebeat_is_deployed() -> None:
    assert "filebeat" in yaml.safe_load(compiled(ALL)["kustomization.yaml"])["resources"]


# Who talks to whom


def policies(**said: str) -> dict[str, dict[str, Any]]:
    found = [item for item in made(**said) if item["kind"] == "NetworkPolicy"]
    return {f"{item['metadata']['namespace']}/{item['metadata']['name']}": item["spec"] for item in found}


def allowed(rules: list[dict[str, Any]], word: str) -> dict[str, list[int]]:
    """The ports by whom they are for: the value of the first label, the namespace, or anybody."""
    out = {}
    for rule in rules:
        peer = rule.get(word, [{}])[0]
        pods = list(peer.get("podSelector", {}).get("matchLabels", {}).values())
        space = list(peer.get("namespaceSelector", {}).get("matchLabels", {}).values())
        out[(pods or space or ["anybody"])[0]] = [port["port"] for port in rule.get("ports", ())]
    return out


def test_nothing_is_allowed_but_what_exists() -> None:
    found = policies(deploy=ALL)
    deny = found["monitoring/acme-deny"]
    assert deny == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "acme"}},
        "policyTypes": ["Ingress", "Egress"],
    }
    alertmanager = found["monitoring/acme-alertmanager"]
    assert allowed(alertmanager["ingress"], "from") == {
        "ingressgateway": [9093],
        "alertmanager": [9094, 9094],
        "prometheus": [9093],
    }
    assert allowed(alertmanager["egress"], "to") == {
        "anybody": [443, 587],
        "kube-dns": [53, 53],
        "alertmanager": [9094, 9094],
    }
    assert allowed(found["monitoring/acme-pushgateway"]["ingress"], "from") == {
        "backup-grafana": [9091],
        "backup-prometheus": [9091],
        "backup-notes": [9091],
        "prometheus": [9091],
    }


def test_prometheus_reaches_its_targets_and_the_servers_where_it_finds_them() -> None:
    egress = allowed(policies(deploy=ALL)["monitoring/acme-prometheus"]["egress"], "to")
    assert egress["litellm"] == [4000]
    assert egress["alertmanager"] == [9093]
    assert egress["pushgateway"] == [9091]
    assert {443, 6443, 10250} <= set(egress["anybody"])


def test_filebeat_and_logstash_meet() -> None:
    found = policies(deploy=ALL)
    assert allowed(found["logging/acme-filebeat"]["egress"], "to")["logstash"] == [5044]
    assert allowed(found["logging/acme-logstash"]["egress"], "to")["anybody"] == [9200]


def test_every_selector_of_a_policy_finds_pods_of_ours_or_is_of_somebody_else() -> None:
    found = everything()
    labels = [
        item["spec"]["template"]["metadata"]["labels"]
        for item in found
        if item["kind"] in ("Deployment", "StatefulSet")
    ]
    labels += [
        item["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
        for item in found
        if item["kind"] == "CronJob"
    ]
    for item in found:
        if item["kind"] == "NetworkPolicy" and "filebeat" not in item["metadata"]["name"]:
            wanted = item["spec"]["podSelector"].get("matchLabels", {})
            assert any(wanted.items() <= each.items() for each in labels), item["metadata"]["name"]


def test_the_whole_namespace_is_shut_off_where_that_is_asked_for() -> None:
    found = policies(deploy=ALL + "  isolate: namespace\n")
    assert found["monitoring/acme-deny"]["podSelector"] == {}
    assert found["logging/acme-deny"]["podSelector"] != {}
    assert policies(deploy=ALL + "  isolate: 'off'\n") == {}


def test_neighbours_that_are_scraped_stay_reachable() -> None:
    node = "{pods: {namespace: monitoring, labels: {app: node-exporter}, port: 9100}}"
    base = FLEET.replace("  jobs:\n", f"  jobs:\n    node: {node}\n")
    found = policies(deploy="deploy: {prometheus: {storage: 80Gi}, isolate: namespace}\n", fleet=base)
    beside = found["monitoring/acme-beside-node-exporter"]
    assert allowed(beside["ingress"], "from") == {"prometheus": [9100]}
    assert beside["egress"] == [{}]


def test_a_mesh_encrypts_and_still_tells_ports_apart() -> None:
    found = made(deploy=ALL + "  mesh: ambient\n")
    assert one(found, "Namespace", "monitoring")["metadata"]["labels"]["istio.io/dataplane-mode"] == "ambient"
    policy = one(found, "NetworkPolicy", "acme-grafana")["spec"]
    assert allowed(policy["ingress"], "from")["ingressgateway"] == [3000, 15008]
    rules = one(found, "AuthorizationPolicy", "acme-jaeger")["spec"]["rules"]
    assert {"to": [{"operation": {"ports": ["5778", "5779"]}}]} in rules
    assert {
        "from": [{"source": {"namespaces": ["monitoring"]}}],
        "to": [{"operation": {"ports": ["4317", "16686"]}}],
    } in [
        {**rule, "to": [{"operation": {"ports": sorted(rule["to"][0]["operation"]["ports"], key=int)}}]}
        for rule in rules
    ]


# Who gets in


def test_the_outside_is_https_and_what_has_no_login_gets_one() -> None:
    found = everything()
    servers = one(found, "Gateway", "acme")["spec"]["servers"]
    assert [server["tls"].get("mode") or server["tls"]["httpsRedirect"] for server in servers] == ["SIMPLE", True]
    guarded = one(found, "AuthorizationPolicy", "acme-login")
    assert guarded["metadata"]["namespace"] == "istio-system"
    hosts = guarded["spec"]["rules"][0]["to"][0]["operation"]["hosts"]
    assert {host for host in hosts if ":" not in host} == {
        f"{name}.acme.example" for name in ("prometheus", "alertmanager", "jaeger")
    }


def test_what_deletes_is_not_reached_from_outside() -> None:
    routes = one(everything(), "VirtualService", "prometheus")["spec"]["http"]
    assert routes[0]["directResponse"] == {"status": 403}
    assert {"uri": {"prefix": "/api/v1/admin"}} in routes[0]["match"]
    assert routes[1]["route"][0]["destination"]["host"] == "prometheus.monitoring.svc.cluster.local"


def test_links_in_notifications_lead_to_where_people_get_in() -> None:
    found = everything()
    for name in ("prometheus", "alertmanager"):
        args = pod(one(found, "StatefulSet", name))["containers"][0]["args"]
        assert f"--web.external-url=https://{name}.acme.example" in args


@pytest.mark.parametrize(("sampling", "share"), [("sampling: 1%", 1), ("sampling: 0.5%", 0.5), ("at: tail", 100)])
def test_the_mesh_starts_as_many_traces_as_the_spec_keeps(sampling: str, share: float) -> None:
    base = FLEET.replace("tracing:\n", f"tracing:\n  {sampling}\n")
    found = made(
        deploy=ALL.replace("max: 6", "max: 2").replace("min: 2", "min: 1").replace("max: 2", "max: 1"), fleet=base
    )
    assert one(found, "Telemetry", "acme-tracing")["spec"]["tracing"][0]["randomSamplingPercentage"] == share


def test_agents_send_to_a_prometheus_of_ours_that_everybody_else_asks() -> None:
    write = "http://prometheus-receiver.monitoring:9090/api/v1/write"
    base = FLEET.replace(
        "prometheus:\n", f"backend: prometheus-agent\nprometheus:\n  remote_write: [{{url: '{write}'}}]\n"
    )
    base = base.replace("  retention: {time: 30d, size: 50GB}\n", "")
    files = compiled(ALL.replace("prometheus: {replicas: 2,", "prometheus: {replicas: 1,"), fleet=base)
    found = objects(files)
    agent = pod(one(found, "StatefulSet", "prometheus"))["containers"][0]["args"]
    assert "--storage.agent.path=/prometheus" in agent
    assert (
        "--config.file=/etc/prometheus/receiver.yml"
        in (pod(one(found, "StatefulSet", "prometheus-receiver"))["containers"][0]["args"])
    )
    env = pod(one(found, "Deployment", "grafana"))["containers"][0]["env"]
    assert {"name": "PROMETHEUS_URL", "value": "http://prometheus-receiver.monitoring.svc:9090"} in env
    route = one(found, "VirtualService", "prometheus")["spec"]["http"][1]["route"][0]
    assert route["destination"]["host"] == "prometheus-receiver.monitoring.svc.cluster.local"
    ingress = one(found, "NetworkPolicy", "acme-prometheus-receiver")["spec"]["ingress"]
    assert allowed(ingress, "from")["prometheus"] == [9090]
    jobs = {item["metadata"]["name"] for item in found if item["kind"] == "CronJob"}
    assert jobs == {"backup-prometheus-receiver", "backup-grafana", "backup-notes"}
    top = yaml.safe_load(files["kustomization.yaml"])
    assert list(disconnected(found, {item["name"] for item in top["configMapGenerator"]})) == []


# Backups


def test_backups_come_when_they_are_due_and_never_two_at_a_time() -> None:
    found = [item for item in everything() if item["kind"] == "CronJob"]
    assert {item["metadata"]["name"]: item["spec"]["schedule"] for item in found} == {
        "backup-prometheus": "30 2-23/6 * * *",
        "backup-grafana": "15 1 * * *",
        "backup-notes": "30 2 * * 0",
    }
    for item in found:
        assert item["spec"]["concurrencyPolicy"] == "Forbid"
        assert item["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] <= 4 * 3600


def test_prometheus_lets_itself_be_saved_only_where_it_is() -> None:
    saved = pod(one(everything(), "StatefulSet", "prometheus"))["containers"][0]["args"]
    assert "--web.enable-admin-api" in saved
    assert not any(
        "admin-api" in text for text in pod(one(made(), "StatefulSet", "prometheus"))["containers"][0]["args"]
    )
    spec = job("backup-prometheus")["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["volumes"][0] == {"name": "data", "persistentVolumeClaim": {"claimName": "data-prometheus-0"}}
    claims = one(everything(), "StatefulSet", "prometheus")["spec"]["volumeClaimTemplates"]
    assert claims[0]["metadata"]["name"] == "data"


def test_a_volume_of_somebody_else_is_only_read() -> None:
    spec = job("backup-notes")["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["volumes"][0]["persistentVolumeClaim"] == {"claimName": "notes", "readOnly": True}
    assert spec["securityContext"]["runAsUser"] == 1000
    assert "fsGroup" not in spec["securityContext"]


def test_the_scripts_are_shell_and_hold_nothing_of_a_spec() -> None:
    for name in ("backup-prometheus", "backup-grafana", "backup-notes"):
        spec = job(name)["jobTemplate"]["spec"]["template"]["spec"]
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            script = container["command"][2]
            ran = subprocess.run(["/bin/bash", "-n"], input=script, text=True, capture_output=True, check=False)
            assert ran.returncode == 0, ran.stderr
            assert not re.search("notes|acme|copies|s3:|postgres", script)


def test_what_a_backup_pushes_is_what_its_alert_reads() -> None:
    for name in ("prometheus", "grafana", "notes"):
        (container,) = job(f"backup-{name}")["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        env = {item["name"]: item.get("value") for item in container["env"]}
        assert env["PUSH"] == f"http://pushgateway.monitoring.svc:9091/metrics/job/backup/target/{name}"
        assert "\nbackup_last_success_timestamp_seconds $(date +%s)\n" in container["command"][2]


# What has to be there


def test_the_page_names_every_secret_with_all_its_keys() -> None:
    files = compiled(ALL)
    rows = [line for line in files["deployment/README.md"].splitlines() if line.startswith("| `")]
    assert "| `monitoring` | Secret | `grafana-secrets` | `admin` `database` | backup-grafana, grafana |" in rows
    assert "| `istio-system` | Secret | `acme-tls` | `tls.crt` `tls.key` | the gateway |" in rows
    told = set(re.findall(r"/etc/alertmanager/secrets/([^/\s]+)/(\S+)", files["alertmanager/alertmanager.yml"]))
    for name, key in told:
        assert any(f"`{name}`" in row and f"`{key}`" in row for row in rows)


# On a laptop


def laptop() -> dict[str, Any]:
    return yaml.safe_load(compiled(ALL)[str(COMPOSE)])  # type: ignore[no-any-return]


def test_the_laptops_file_is_right_to_us_and_to_another_reader() -> None:
    assert list(laptop_faults(laptop())) == []
    pytest.importorskip("compose_spec", reason="compose-spec is not installed: pip install --group dev")
    reader = importlib.import_module("compose_spec")
    text = compiled(ALL)[str(COMPOSE)]
    assert "host.docker.internal:host-gateway" in text  # docker's own word, which this reader takes for an address
    text = text.replace("host-gateway", "10.0.0.1")
    found = reader.PyCompose.from_yaml(text)
    assert set(found.service_names()) == {"prometheus", "alertmanager", "grafana", "jaeger"}
    with pytest.raises(ValueError, match="`restarts`"):
        reader.PyCompose.from_yaml(text.replace("restart:", "restarts:", 1))


def test_only_this_machine_sees_the_laptop_and_nobody_has_a_default_password() -> None:
    services = laptop()["services"]
    ports = [port for service in services.values() for port in service["ports"]]
    assert "127.0.0.1:3001:3000" in ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert (
        services["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"]
        == (services["grafana"]["secrets"][0]["target"])
    )
    assert all(one["file"].startswith("${SECRETS_DIR:?") for one in laptop()["secrets"].values())


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("services", "grafana", "image"), "grafana/grafana:latest", "is another image tomorrow"),
        (("services", "grafana", "image"), "grafana/grafana", "is no image with a version"),
        (("services", "grafana", "ports"), ["3000:3000"], "'3000:3000' is no port of this machine alone"),
        (("services", "grafana", "ports"), ["127.0.0.1:9090:3000"], "2 are on 127.0.0.1:9090"),
        (("services", "grafana", "environment", "GF_SECURITY_ADMIN_PASSWORD"), "admin123", "it is a secret as a value"),
        (("services", "grafana", "healthcheck"), None, "healthcheck is missing"),
        (("services", "grafana", "cap_drop"), ["KILL"], "'KILL' is no ALL"),
        (("services", "grafana", "privileged"), True, "there is no field 'privileged'"),
        (("services", "grafana", "secrets"), [{"source": "other", "target": "/x"}], "there is no other"),
        (("volumes", "grafana"), None, "there is no grafana"),
        (("secrets", "slack.url", "file"), "./slack", "'./slack' is no file below SECRETS_DIR"),
    ],
)
def test_what_is_wrong_on_a_laptop_is_found(keys: tuple[str, ...], value: Any, said: str) -> None:
    found = laptop()
    inner: Any = found
    for key in keys[:-1]:
        inner = inner[key]
    if value is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    complaints = [why for _, why in laptop_faults(found)]
    assert any(said in why for why in complaints), complaints
    assert not any("admin123" in why for why in complaints)


def test_promtool_takes_the_laptops_prometheus(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip(TOOLS["promtool"].hint)
    files = dict(compiled(ALL))
    files["prometheus/laptop.yml"] = files["deployment/compose/prometheus.yml"]
    put(files, tmp_path)
    ran = subprocess.run(
        [promtool, "check", "config", str(tmp_path / "prometheus/laptop.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    config = yaml.safe_load(files["prometheus/laptop.yml"])
    assert config["scrape_configs"] == [
        {
            "job_name": "chat",
            "static_configs": [
                {"targets": ["host.docker.internal:4000"], "labels": {"job": "chat", "env": "production"}}
            ],
        }
    ]


# Datasources


def datasources(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found = yaml.safe_load(files["grafana/provisioning/datasources/llmmon.yaml"])["datasources"]
    return {item["uid"]: item for item in found}


def test_a_number_a_line_and_a_trace_lead_to_each_other() -> None:
    found = datasources(compiled(ALL))
    assert set(found) == {"prometheus", "elasticsearch", "loki", "jaeger"}
    assert found["prometheus"]["jsonData"]["exemplarTraceIdDestinations"] == [
        {"name": "trace_id", "datasourceUid": "jaeger"}
    ]
    (field,) = found["loki"]["jsonData"]["derivedFields"]
    assert re.search(field["matcherRegex"], '{"trace_id": "4bf92f35", "x": 1}')[1] == "4bf92f35"  # type: ignore[index]
    assert field["url"] == "$${__value.raw}"
    assert found["elasticsearch"]["jsonData"]["dataLinks"][0]["datasourceUid"] == "jaeger"
    assert found["jaeger"]["jsonData"]["tracesToLogsV2"]["datasourceUid"] == "loki"
    assert [uid for uid, item in found.items() if item["isDefault"]] == ["prometheus"]


def test_every_variable_of_a_datasource_is_set_in_grafana() -> None:
    files = compiled(ALL)
    text = files["grafana/provisioning/datasources/llmmon.yaml"]
    named = set(re.findall(r"(?<!\$)\$([A-Z_]+)", text))
    env = pod(one(objects(files), "Deployment", "grafana"))["containers"][0]["env"]
    assert named == {"PROMETHEUS_URL", "LOKI_URL", "JAEGER_URL"} | {
        f"ELASTICSEARCH_{word}" for word in ("URL", "USER", "PASSWORD", "CA")
    }
    assert named <= {item["name"] for item in env}


def test_a_fleet_without_logs_and_traces_has_no_datasource_that_answers_nothing() -> None:
    base = FLEET[: FLEET.index("tracing:")]
    assert set(datasources(compiled("deploy: {prometheus: {storage: 80Gi}}\n", fleet=base))) == {"prometheus"}


def test_only_objects_without_a_namespace_have_none() -> None:
    for found in everything():
        assert ("namespace" in found["metadata"]) is (found["kind"] not in WIDE)
