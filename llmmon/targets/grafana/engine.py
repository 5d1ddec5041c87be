"""The datasources of an engine that a fleet scales with: one for each tenant, with the header that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.lower.engine import MIMIR_TENANT
from llmmon.plan.backend import Mimir, Thanos
from llmmon.plan.fleet import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.server import Access

SECRETS = "/etc/grafana/secrets"  # a Secret `name` is mounted as the folder of that name, its keys as files


def engine(fleet: Fleet) -> Iterator[dict[str, Any]]:
    """Thanos's query frontend, or Mimir; nothing where each Prometheus is asked itself."""
    match fleet.backend:
        case Thanos():
            yield _datasource(
                fleet, "Thanos", "prometheus", fleet.backend.frontend or "$PROMETHEUS_URL", "Thanos", True
            )
        case Mimir():
            url = f"{fleet.backend.url}/prometheus"
            for index, (name, tenant) in enumerate(_tenants(fleet, fleet.backend)):
                uid = "-".join(filter(None, ("prometheus", name)))
                found = _datasource(fleet, f"Mimir {name}".rstrip(), uid, url, "Mimir", index == 0)
                yield _with(found, tenant, fleet.backend.access)
        case _:
            pass


def _tenants(fleet: Fleet, backend: Mimir) -> Iterator[tuple[str, str]]:
    """Names of datasources and what each asks for: first all tenants together, where Mimir lets that be asked."""
    match backend.divided:
        case None:
            names = []
            yield "", backend.tenant
        case "environment":
            names = [environment.name for environment in fleet.environments]
        case "team":
            names = sorted(backend.jobs)
    if backend.federated and len(names) > 1:
        yield "", "|".join(sorted(names))
    yield from zip(names, names, strict=True)


def _datasource(fleet: Fleet, name: str, uid: str, url: str, kind: str, default: bool) -> dict[str, Any]:
    return {
        "name": name,
        "uid": uid,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": default,
        "editable": False,
        "jsonData": {
            "httpMethod": "POST",
            "prometheusType": kind,
            "timeInterval": duration.text(fleet.scrape_interval),
        },
    }


def _with(found: dict[str, Any], tenant: str, access: Access) -> dict[str, Any]:
    """The same with a tenant's header, and with what lets Grafana in, as files that it reads."""
    headers = {MIMIR_TENANT: tenant}
    secure: dict[str, str] = {}
    if access.bearer:
        headers["Authorization"] = f"Bearer {_file(access.bearer)}"
    if access.user and access.password:
        found |= {"basicAuth": True, "basicAuthUser": access.user}
        secure["basicAuthPassword"] = _file(access.password)
    for number, (header, value) in enumerate(headers.items(), 1):
        found["jsonData"][f"httpHeaderName{number}"] = header
        secure[f"httpHeaderValue{number}"] = value
    if access.insecure:
        found["jsonData"]["tlsSkipVerify"] = True
    if access.ca:
        found["jsonData"]["tlsAuthWithCACert"] = True
        secure["tlsCACert"] = _file(access.ca)
    return {**found, "secureJsonData": secure}


def _file(secret: Secret | str) -> str:
    path = f"{SECRETS}/{secret.name}/{secret.key}" if isinstance(secret, Secret) else secret
    return f"$__file{{{path}}}"
