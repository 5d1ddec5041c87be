"""How Prometheus and its exporters write what a request needs to be let in; secrets are files below a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.plan import Secret

if TYPE_CHECKING:
    from llmmon.plan.server import Access


def http_client(access: Access, folder: str) -> dict[str, Any]:
    """The keys of an HTTP client's configuration that are not defaults."""
    tls = {
        "ca_file": access.ca,
        "cert_file": _path(access.cert, folder),
        "key_file": _path(access.key, folder),
        "server_name": access.name,
        "insecure_skip_verify": access.insecure or None,
    }
    said = {key: value for key, value in tls.items() if value is not None}
    out: dict[str, Any] = {}
    if access.bearer:
        out["authorization"] = {"credentials_file": _path(access.bearer, folder)}
    if access.user:
        out["basic_auth"] = {"username": access.user, "password_file": _path(access.password, folder)}
    return {**out, **({"tls_config": said} if said else {})}


def secret_file(secret: Secret, folder: str) -> str:
    """Where a secret is mounted: a folder of its name, its keys as files."""
    return f"{folder}/{secret.name}/{secret.key}"


def _path(secret: Secret | str | None, folder: str) -> str | None:
    return secret_file(secret, folder) if isinstance(secret, Secret) else secret
