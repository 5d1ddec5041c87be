"""The stack on a laptop: a `docker-compose.yml`, and a Prometheus that asks what runs there.

Secrets are files below the folder `SECRETS_DIR`, which is nowhere in here; ports are those of this machine alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import alertmanagerfile, duration
from llmmon.lower.receivers import SECRETS
from llmmon.plan.tracing import GRPC_PORT, HEALTH_PORT, UI_PORT
from llmmon.targets.deployment import grafana

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy, Laptop
    from llmmon.plan.fleet import Secret

FOLDER = "${SECRETS_DIR:?names the folder that holds each secret as NAME/KEY}"
CONFIG = "deployment/compose/prometheus.yml"
LOOPBACK = "127.0.0.1"
BEHIND = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000, "jaeger": UI_PORT, "otlp": GRPC_PORT}
GUARDED = {
    "restart": "unless-stopped",
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "tmpfs": ["/tmp"],  # noqa: S108 - the container's own
}

Value = dict[str, Any]


def compose(fleet: Fleet, deploy: Deploy, laptop: Laptop) -> Value:
    """The whole file."""
    services: Value = {}
    secrets: dict[str, Secret] = {}
    if "prometheus" in laptop.ports:
        services["prometheus"] = _prometheus(fleet, deploy, laptop)
    if "alertmanager" in laptop.ports:
        told = alertmanagerfile.secrets(fleet)
        secrets |= {_name(secret): secret for secret in told}
        services["alertmanager"] = _alertmanager(deploy, laptop, told)
    if "grafana" in laptop.ports and deploy.grafana:
        admin = deploy.grafana.admin
        secrets[_name(admin)] = admin
        services["grafana"] = _grafana(deploy, laptop, admin)
    if "jaeger" in laptop.ports:
        services["jaeger"] = _jaeger(deploy, laptop)
    volumes = [
        mounted["source"]
        for one in services.values()
        for mounted in one.get("volumes", ())
        if mounted["type"] == "volume"
    ]
    return {
        "name": deploy.fleet,
        "services": services,
        "volumes": {name: {} for name in volumes},
        **(
            {"secrets": {name: {"file": f"{FOLDER}/{one.name}/{one.key}"} for name, one in sorted(secrets.items())}}
            if secrets
            else {}
        ),
    }


def prometheus(fleet: Fleet, laptop: Laptop) -> Value:
    """Its configuration: what runs here, with the labels and the rules of the first environment."""
    interval = duration.text(fleet.scrape_interval)
    rules = [*(one.service for one in laptop.seen), "watchdog"]
    told = {"alerting": {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]}}
    return {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": [f"rules/{laptop.environment}/{name}.yaml" for name in rules],
        **(told if "alertmanager" in laptop.ports else {}),
        "scrape_configs": [
            {
                "job_name": one.service,
                **({"metrics_path": one.path} if one.path != "/metrics" else {}),
                "static_configs": [{"targets": [one.target], "labels": dict(one.labels)}],
            }
            for one in laptop.seen
        ],
    }


def _prometheus(fleet: Fleet, deploy: Deploy, laptop: Laptop) -> Value:
    flags = fleet.servers.flags if fleet.servers else ()
    return {
        **_service(deploy, laptop, "prometheus", "http://localhost:9090/-/healthy"),
        "command": ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", *flags],
        "extra_hosts": ["host.docker.internal:host-gateway"],
        "volumes": [
            _file(CONFIG, "/etc/prometheus/prometheus.yml"),
            _file("prometheus/rules", "/etc/prometheus/rules"),
            _kept("prometheus", "/prometheus"),
        ],
    }


def _alertmanager(deploy: Deploy, laptop: Laptop, secrets: Iterable[Secret]) -> Value:
    return {
        **_service(deploy, laptop, "alertmanager", "http://localhost:9093/-/healthy"),
        "command": [
            "--config.file=/etc/alertmanager/alertmanager.yml",
            "--storage.path=/alertmanager",
            "--cluster.listen-address=",
        ],
        "volumes": [
            _file("alertmanager/alertmanager.yml", "/etc/alertmanager/alertmanager.yml"),
            _file("alertmanager/templates", "/etc/alertmanager/templates"),
            _kept("alertmanager", "/alertmanager"),
        ],
        "secrets": [{"source": _name(one), "target": f"{SECRETS}/{one.name}/{one.key}"} for one in secrets],
    }


def _grafana(deploy: Deploy, laptop: Laptop, admin: Secret) -> Value:
    path = f"{grafana.SECRETS}/{admin.name}/{admin.key}"
    said = {
        "GF_SECURITY_ADMIN_PASSWORD__FILE": path,
        "GF_USERS_ALLOW_SIGN_UP": "false",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_LOG_MODE": "console",
        "PROMETHEUS_URL": "http://prometheus:9090",
        **({"JAEGER_URL": f"http://jaeger:{UI_PORT}"} if "jaeger" in laptop.ports else {}),
    }
    return {
        **_service(deploy, laptop, "grafana", "http://localhost:3000/api/health"),
        "environment": said,
        "volumes": [
            _file("grafana/dashboards", grafana.DASHBOARDS),
            _file("grafana/provisioning", grafana.PROVISIONING),
            _kept("grafana", grafana.HOME),
        ],
        "secrets": [{"source": _name(admin), "target": path}],
    }


def _jaeger(deploy: Deploy, laptop: Laptop) -> Value:
    """Without a configuration it holds spans in memory, which is enough here, and listens on localhost unless told."""
    started = _service(deploy, laptop, "jaeger", f"http://localhost:{HEALTH_PORT}/status")
    ports = [*started["ports"], _port(laptop.ports["otlp"], GRPC_PORT)]
    return {**started, "environment": {"JAEGER_LISTEN_HOST": "0.0.0.0"}, "ports": ports}  # noqa: S104


def _service(deploy: Deploy, laptop: Laptop, name: str, health: str) -> Value:
    return {
        "image": deploy.parts[name].image,
        **GUARDED,
        "ports": [_port(laptop.ports[name], BEHIND[name])],
        "healthcheck": {
            "test": ["CMD", "wget", "-q", "-O", "/dev/null", health],
            "interval": "15s",
            "timeout": "5s",
            "retries": 5,
            "start_period": "30s",
        },
    }


def _port(here: int, inside: int) -> str:
    return f"{LOOPBACK}:{here}:{inside}"


def _file(path: str, target: str) -> Value:
    return {"type": "bind", "source": f"./{path}", "target": target, "read_only": True}


def _kept(name: str, target: str) -> Value:
    return {"type": "volume", "source": name, "target": target}


def _name(secret: Secret) -> str:
    return f"{secret.name}.{secret.key}"
