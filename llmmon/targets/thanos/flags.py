"""The command lines of Thanos's programs, and the files that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.lower.backend import REPLICA
from llmmon.plan.fleet import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.backend import Thanos
    from llmmon.plan.server import Access, Servers

HOME = "/etc/thanos"  # where the folder is mounted; a Secret `name` is the folder secrets/name inside it
POD = "$(POD_NAME)"  # Kubernetes fills it in from the container's environment


def commands(fleet: Fleet, backend: Thanos) -> Iterator[tuple[str, list[str]]]:
    """Programs, and the flags of each."""
    if backend.receive is None:
        yield "sidecar", ["--prometheus.url=http://localhost:9090", "--tsdb.path=/prometheus", _bucket(backend)]
    for number in range(backend.shards):
        yield f"ruler-{number}", list(_ruler(fleet, backend, number))
    yield "query", [f"--query.replica-label={REPLICA}"]
    if backend.frontend:
        yield "query-frontend", [f"--query-frontend.downstream-url=http://{backend.query[0]}"]


def files(backend: Thanos, servers: Servers) -> Iterator[tuple[str, Any]]:
    """What the rulers read beside their rules: whom they ask, and whom they tell."""
    yield "query.yaml", [{"static_configs": list(backend.query), "scheme": "http"}]
    told = servers.alertmanagers
    http = _http(told.access)
    yield (
        "alertmanagers.yaml",
        {
            "alertmanagers": [
                {
                    **({"http_config": http} if http else {}),
                    "static_configs": list(told.targets),
                    "scheme": told.scheme,
                    **({"path_prefix": told.path_prefix} if told.path_prefix else {}),
                    "api_version": "v2",
                }
            ]
        },
    )


def _ruler(fleet: Fleet, backend: Thanos, number: int) -> Iterator[str]:
    """What a ruler records looks as if a Prometheus had recorded it; else neither would match the other."""
    yield "--data-dir=/var/thanos/ruler"
    yield f"--eval-interval={duration.text(fleet.scrape_interval)}"
    yield f"--rule-file={HOME}/rules/{number}/*/*.yaml"
    yield f"--query.config-file={HOME}/query.yaml"
    yield f"--alertmanagers.config-file={HOME}/alertmanagers.yaml"
    yield _bucket(backend)
    for label, value in backend.labels.items():
        yield f"--label={label}={_quoted(value)}"
    yield f"--label={REPLICA}={_quoted(f'ruler-{number}-{POD}')}"
    yield f"--alert.label-drop={REPLICA}"


def _bucket(backend: Thanos) -> str:
    return f"--objstore.config-file={_path(backend.storage)}"


def _http(access: Access) -> dict[str, Any]:
    basic = {"username": access.user, "password_file": _path(access.password)} if access.user else None
    tls = {
        "ca_file": access.ca,
        "cert_file": _path(access.cert),
        "key_file": _path(access.key),
        "server_name": access.name,
        "insecure_skip_verify": access.insecure or None,
    }
    said = {key: value for key, value in tls.items() if value is not None}
    out = {"bearer_token_file": _path(access.bearer), "basic_auth": basic, "tls_config": said or None}
    return {key: value for key, value in out.items() if value is not None}


def _path(secret: Secret | str | None) -> str | None:
    return f"{HOME}/secrets/{secret.name}/{secret.key}" if isinstance(secret, Secret) else secret


def _quoted(value: str) -> str:
    """A string as Go writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
