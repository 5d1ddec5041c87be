"""A fleet that deploys its stack, what it gets, and what a spec of it says."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from conftest import CHAT

from llmmon import pipeline
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Fleet

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}, staging: {selector: {env: staging}}}
teams:
  inference:
    critical: [{pagerduty: {secret: pagerduty/inference}}, {slack: "#inference"}]
    warning: [{email: a@b.example}]
catch_all: [{slack: "#all"}]
receivers:
  slack: {secret: slack/url}
  email: {from: x@b.example, smarthost: "smtp.b.example:587", username: u, secret: smtp/password, require_tls: true}
dashboards: https://grafana.acme.example/d/{uid}
versions: {prometheus: "3.5", alertmanager: "0.28", grafana: "12.1"}
elasticsearch:
  hosts: ["https://elasticsearch.logging:9200"]
  user: writer
  password: {secret: elasticsearch/password}
  ca: /etc/logstash/certs/ca.crt
prometheus:
  retention: {time: 30d, size: 50GB}
  alertmanagers:
    - alertmanager-0.alertmanager-pods.monitoring:9093
    - alertmanager-1.alertmanager-pods.monitoring:9093
  clusters:
    staging:
      api: https://k8s.staging.example
      bearer: {secret: staging/token}
      tls: {ca: /etc/prometheus/ca/staging.crt}
  jobs:
    kubelet: {nodes: true}
    pushgateway: {pods: {namespace: monitoring, labels: {app: pushgateway}, port: 9091}, honor_labels: true}
tracing:
  collector: "0.155"
  jaeger: "2.20"
  endpoint: jaeger-collector.monitoring:4317
  storage: {user: jaeger, password: {secret: jaeger-elasticsearch/password}, ca: /etc/jaeger/elasticsearch/ca.crt}
logs: {delete: 30d, filebeat: {logstash: "logstash.logging:5044"}, loki: true}
"""
DEPLOY = """\
deploy:
  prometheus: {replicas: 2, storage: 80Gi}
  alertmanager: {replicas: 2}
  grafana:
    replicas: 2
    admin: {secret: grafana-secrets/admin}
    database: {host: "postgres.monitoring:5432", password: {secret: grafana-secrets/database}}
    loki: http://loki.logging:3100
    elasticsearch: {user: reader, password: {secret: grafana-reader/password}}
"""
WORKLOAD = "workload: {namespace: llm, name: litellm}\nhealth: {port: 4000, liveness: /live, readiness: /ready}\n"


CHAT_BACKUPS = """\
  BackupStale: {signal: backup, stale: 12h, category: capacity}
"""


def chat(more: str = "", workload: str = WORKLOAD) -> str:
    """The service; `more` stands at the end of its alerts, and with it the metric that an alert on backups reads."""
    text = CHAT
    if more:
        metric = (
            "  backup_last_success_timestamp_seconds: {type: gauge, unit: seconds, labels: [target], help: When.}\n"
        )
        target = "grafana" if "grafana" in more else "prometheus"
        signal = f"""  backup: {{age: 'backup_last_success_timestamp_seconds{{job="backup",target="{target}"}}'}}\n"""
        text = text.replace("signals:\n", f"{metric}signals:\n{signal}")
    return text + more.partition("#")[0] + workload


def prepare(fleet: Fleet, deploy: str = DEPLOY, more: str = "", base: str = FLEET) -> None:
    """Specs that deploy this, of a service that runs in Kubernetes."""
    fleet.write("specs/fleet.yaml", base + deploy)
    fleet.write("specs/chat.yaml", chat(more))


def said(fleet: Fleet, deploy: str, base: str = FLEET, more: str = "") -> str:
    """What is said of specs that are wrong."""
    prepare(fleet, deploy, more, base)
    ran = fleet.run("check")
    assert ran.code == 1, ran.out
    return ran.out


@cache
def compiled(deploy: str = DEPLOY, more: str = "", fleet: str = FLEET, workload: str = WORKLOAD) -> Mapping[str, str]:
    """Every file that such specs become, judged by nobody yet."""
    with TemporaryDirectory() as root:
        specs, scratch = Path(root, "specs"), Path(root, "scratch")
        specs.mkdir()
        (specs / "fleet.yaml").write_text(fleet + deploy)
        (specs / "own.base.yaml").write_text("route: {receiver: mine}\nreceivers: [{name: mine}]\n")
        (specs / "chat.yaml").write_text(chat(workload=workload) + more)
        built = pipeline.build(pipeline.read([specs]), scratch, verify=False)
        wrong = [problem.message for problem in built.problems if problem.level is Level.ERROR]
        assert not wrong, wrong
        return {str(file.path): (scratch / file.path).read_text() for file in built.written}


def made(**said: str) -> list[dict[str, Any]]:
    """Every object below `deployment/`."""
    return objects(compiled(**said))


def objects(files: Mapping[str, str], part: str = "*") -> list[dict[str, Any]]:
    """The objects of a part, or of all."""
    mine = [files[path] for path in sorted(files) if PurePosixPath(path).match(f"deployment/{part}.yaml")]
    return [found for text in mine for found in yaml.safe_load_all(text)]


def put(files: Mapping[str, str], folder: Path) -> None:
    """These files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def one(found: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The object of this kind and name, which is there once."""
    (it,) = (item for item in found if (item["kind"], item["metadata"]["name"]) == (kind, name))
    return it


def kustomized(kubectl: str, folder: Path) -> list[dict[str, Any]]:
    """What `kubectl kustomize` makes of a folder."""
    ran = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return list(yaml.safe_load_all(ran.stdout))
