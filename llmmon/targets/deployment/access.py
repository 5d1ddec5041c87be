"""The way in from outside: Istio's gateway with https, a login where the tool asks for none, and how much it traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.targets.deployment.objects import Object, apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan.deploy import Access, Deploy, Door
    from llmmon.plan.tracing import Tracing

CLOSED = {"prometheus": ("/api/v1/admin", "/-/"), "alertmanager": ("/-/",)}  # deletes, and stops
PROVIDER = "otel-tracing"  # the extension provider of the mesh that leads to the collector


def objects(deploy: Deploy, access: Access, tracing: Tracing | None) -> Iterator[Object]:
    """A Gateway, a VirtualService for each host, and for those that ask nobody who he is an AuthorizationPolicy."""
    secure = {
        "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
        "hosts": [door.host for door in access.doors],
        "tls": {"mode": "SIMPLE", "credentialName": access.tls, "minProtocolVersion": "TLSV1_2"},
    }
    plain = {
        "port": {"number": 80, "name": "http", "protocol": "HTTP"},
        "hosts": secure["hosts"],
        "tls": {"httpsRedirect": True},
    }
    spec = {"selector": dict(access.selector), "servers": [secure, plain]}
    yield apart(deploy, "Gateway", deploy.fleet, deploy.namespace, {"spec": spec})
    for door in access.doors:
        yield apart(deploy, "VirtualService", door.name, deploy.namespace, {"spec": _route(deploy, door)})
    guarded = [door.host for door in access.doors if door.guarded]
    if guarded and access.login:
        hosts = [name for host in guarded for name in (host, f"{host}:*")]
        policy = {
            "selector": {"matchLabels": dict(access.selector)},
            "action": "CUSTOM",
            "provider": {"name": access.login},
            "rules": [{"to": [{"operation": {"hosts": hosts}}]}],
        }
        yield apart(deploy, "AuthorizationPolicy", f"{deploy.fleet}-login", access.namespace, {"spec": policy})
    if tracing and "collector" in deploy.parts and tracing.default.kind == "probabilistic":
        share = 100 if tracing.at == "tail" else float(tracing.default.param * 100)
        said = {"providers": [{"name": PROVIDER}], "randomSamplingPercentage": share}
        yield apart(deploy, "Telemetry", f"{deploy.fleet}-tracing", access.namespace, {"spec": {"tracing": [said]}})


def _route(deploy: Deploy, door: Door) -> Object:
    """What may delete or stop something is never reached from outside, logged in or not."""
    closed = CLOSED.get(door.name, ())
    refused = [{"match": [{"uri": {"prefix": path}} for path in closed], "directResponse": {"status": 403}}]
    host = f"{door.service}.{door.namespace}.svc.cluster.local"
    return {
        "hosts": [door.host],
        "gateways": [deploy.fleet],
        "http": [
            *(refused if closed else []),
            {"route": [{"destination": {"host": host, "port": {"number": door.port}}}]},
        ],
    }
