"""Grafana: its settings as environment variables, its secrets as files, its dashboards by a sidecar that watches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.plan.backend import Mimir
from llmmon.plan.deploy import SIDECAR
from llmmon.plan.fleet import Secret
from llmmon.plan.tracing import AUTHORITY, UI_PORT
from llmmon.targets.deployment.containers import (
    ACCOUNT,
    HARDENED,
    TOKEN_SECONDS,
    container,
    http,
    plain,
    resources,
    secret_env,
)
from llmmon.targets.deployment.objects import Object, of_kind
from llmmon.targets.deployment.prometheus import of_server
from llmmon.targets.deployment.volumes import config_volume, mount, scratch, secret_files
from llmmon.targets.deployment.workloads import Pod, workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy, Grafana

PORTS = {"http": 3000}
USER = 472
HOME = "/var/lib/grafana"
DASHBOARDS = f"{HOME}/dashboards"  # where the file provider looks
SECRETS = "/etc/grafana/secrets"
PROVISIONING = "/etc/grafana/provisioning"
LABEL, FOLDER = "grafana_dashboard", "grafana_folder"  # what the chart's sidecar goes by, too
DATASOURCES, PROVIDERS = "grafana-datasources", "grafana-providers"


def objects(fleet: Fleet, deploy: Deploy, said: Grafana) -> Iterator[Object]:
    """All of its objects."""
    part = deploy.parts["grafana"]
    volumes, mounts = secret_files(_secrets(fleet, said), SECRETS)
    kept = said.database is None
    main = container(
        part,
        env=[*settings(deploy, said), *places(fleet, deploy, said)],
        ports=PORTS,
        mounts=[
            mount("data", HOME, write=True),
            mount("dashboards", DASHBOARDS),
            mount("datasources", f"{PROVISIONING}/datasources"),
            mount("providers", f"{PROVISIONING}/dashboards"),
            mount("tmp", "/tmp", write=True),  # noqa: S108 - the container's own
            *mounts,
        ],
        probes={
            "startupProbe": http("/api/health", "http", periodSeconds=5, failureThreshold=36),
            "livenessProbe": http("/api/health", "http", periodSeconds=10),
            "readinessProbe": http("/api/health", "http", periodSeconds=5),
        },
    )
    pod = Pod(
        containers=[main, _sidecar(deploy)],
        volumes=[
            *([] if kept else [scratch("data", "1Gi")]),
            scratch("dashboards", "256Mi"),
            scratch("tmp", "256Mi"),
            config_volume("datasources", DATASOURCES),
            config_volume("providers", PROVIDERS),
            *volumes,
            _token(),
        ],
        user=USER,
        claim="data" if kept else None,
    )
    yield from workload(deploy, part, pod, PORTS)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]
    yield of_kind(deploy, part, "Role", {"rules": rules})
    bound = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": part.name},
        "subjects": [{"kind": "ServiceAccount", "name": part.name, "namespace": part.namespace}],
    }
    yield of_kind(deploy, part, "RoleBinding", bound)


def settings(deploy: Deploy, said: Grafana) -> list[Object]:
    """How it runs; a name ending in __FILE is read by the image's start script."""
    host, database, oauth = deploy.host("grafana"), said.database, said.oauth
    out = {
        "GF_SECURITY_ADMIN_PASSWORD__FILE": _path(said.admin),
        "GF_USERS_ALLOW_SIGN_UP": "false",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_LOG_MODE": "console",
    }
    if host:
        out |= {"GF_SERVER_ROOT_URL": f"https://{host}/", "GF_SECURITY_COOKIE_SECURE": "true"}
    if database:
        out |= {
            "GF_DATABASE_TYPE": "postgres",
            "GF_DATABASE_HOST": f"{database.host}:{database.port}",
            "GF_DATABASE_NAME": database.name,
            "GF_DATABASE_USER": database.user,
            "GF_DATABASE_PASSWORD__FILE": _path(database.password),
            "GF_DATABASE_SSL_MODE": database.tls,
        }
    if oauth:
        prefix = "GF_AUTH_GENERIC_OAUTH"
        out |= {
            f"{prefix}_ENABLED": "true",
            f"{prefix}_NAME": oauth.name,
            f"{prefix}_CLIENT_ID": oauth.client,
            f"{prefix}_CLIENT_SECRET__FILE": _path(oauth.secret),
            f"{prefix}_SCOPES": oauth.scopes,
            f"{prefix}_AUTH_URL": oauth.authorize,
            f"{prefix}_TOKEN_URL": oauth.token,
            f"{prefix}_API_URL": oauth.userinfo,
            f"{prefix}_USE_PKCE": "true",
        }
    return [plain(name, value) for name, value in out.items()]


def places(fleet: Fleet, deploy: Deploy, said: Grafana) -> Iterator[Object]:
    """Where the datasources are that the provisioning file names by variables."""
    for server in fleet.servers.every if fleet.servers and "prometheus" in deploy.parts else ():
        if server.agent:
            continue  # which answers no query
        own = server.environment if len(fleet.environments) > 1 else None
        suffix = f"_{re.sub(r'[^A-Za-z0-9_]', '_', own).upper()}" if own else ""
        part = of_server(deploy, server)
        yield plain(f"PROMETHEUS_URL{suffix}", f"http://{part.name}.{part.namespace}.svc:9090")
    if fleet.logs and fleet.elasticsearch and said.reader:
        hosts = fleet.elasticsearch["hosts"]
        yield plain("ELASTICSEARCH_URL", hosts[0] if isinstance(hosts, tuple) else "")
        yield plain("ELASTICSEARCH_USER", said.reader[0])
        yield secret_env("ELASTICSEARCH_PASSWORD", said.reader[1])
        if "ca" in fleet.elasticsearch:
            key = {"name": AUTHORITY, "key": "ca.crt"}
            yield {"name": "ELASTICSEARCH_CA", "valueFrom": {"configMapKeyRef": key}}
    if fleet.logs and fleet.logs.loki and said.loki:
        yield plain("LOKI_URL", said.loki)
    if "jaeger" in deploy.parts:
        yield plain("JAEGER_URL", f"http://jaeger-query.{deploy.parts['jaeger'].namespace}.svc:{UI_PORT}")


def _secrets(fleet: Fleet, said: Grafana) -> Iterator[Secret]:
    """Its own, and those that the datasources read from files."""
    yield said.admin
    if said.database:
        yield said.database.password
    if said.oauth:
        yield said.oauth.secret
    if isinstance(fleet.backend, Mimir):
        access = fleet.backend.access
        yield from (secret for secret in (access.bearer, access.password) if isinstance(secret, Secret))


def _path(secret: Secret) -> str:
    return f"{SECRETS}/{secret.name}/{secret.key}"


def _sidecar(deploy: Deploy) -> Object:
    """Writes the ConfigMaps with our label into folders, and again when one changes: no rollout for a dashboard."""
    said = {
        "RESOURCE": "configmap",
        "METHOD": "WATCH",
        "NAMESPACE": deploy.namespace,
        "LABEL": LABEL,
        "LABEL_VALUE": "1",
        "FOLDER": DASHBOARDS,
        "FOLDER_ANNOTATION": FOLDER,
    }
    return {
        "name": "dashboards",
        "image": SIDECAR,
        "env": [plain(name, value) for name, value in said.items()],
        "resources": resources("50m", "128Mi"),
        "securityContext": HARDENED,
        "volumeMounts": [
            mount("dashboards", DASHBOARDS, write=True),
            mount("tmp", "/tmp", write=True),  # noqa: S108 - the container's own
            mount("token", ACCOUNT),
        ],
    }


def _token() -> Object:
    """The account's token, for the sidecar alone: Grafana itself does not talk to the API server."""
    return {
        "name": "token",
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": TOKEN_SECONDS}},
                {
                    "configMap": {
                        "name": "kube-root-ca.crt",
                        "items": [{"key": "ca.crt", "path": "ca.crt"}],
                    }
                },
                {
                    "downwardAPI": {
                        "items": [
                            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
                        ]
                    }
                },
            ]
        },
    }
