"""Jaeger 2: its configuration, the sampling strategies that it hands out, and the job that removes old indices."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon.collector.texts import escape, variable
from llmmon.plan.tracing import (
    AUTHORITY,
    HEALTH_PORT,
    JAEGER_TLS,
    QUERY_PORT,
    SAMPLING,
    SAMPLING_GRPC,
    SAMPLING_HTTP,
    UI_PORT,
    secret_variable,
)
from llmmon.targets.tracing.otel import (
    ANYWHERE,
    BATCH,
    MEMORY_LIMITER,
    TELEMETRY,
    go_duration,
    receiver,
    server_tls,
)

if TYPE_CHECKING:
    from llmmon.plan.fleet import Secret
    from llmmon.plan.tracing import Rate, Storage, Tracing
    from llmmon.problem import Keys, Origin

RELOAD = "1m"
STORE = "spans"
CLEANED = "55 23 * * *"  # in UTC, as the days in the names of indices are
RIGHTS = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
NOBODY = {"runAsNonRoot": True, "runAsUser": 65_534, "seccompProfile": {"type": "RuntimeDefault"}}
EVERYTHING = {"type": "probabilistic", "param": 1}


def config(tracing: Tracing) -> dict[str, Any]:
    """`jaeger/config.yaml`."""
    processors: dict[str, Any] = {"memory_limiter": MEMORY_LIMITER}
    if tracing.adaptive:
        processors["adaptive_sampling"] = None
    processors["batch"] = BATCH
    extensions: dict[str, Any] = {
        "healthcheckv2": {"use_v2": True, "http": {"endpoint": f"{ANYWHERE}:{HEALTH_PORT}"}},
        "jaeger_storage": {"backends": {STORE: {"elasticsearch": _elasticsearch(tracing)}}},
        "jaeger_query": {
            "storage": {"traces": STORE},
            "http": {"endpoint": f"{ANYWHERE}:{UI_PORT}"},
            "grpc": {"endpoint": f"{ANYWHERE}:{QUERY_PORT}"},
        },
        "remote_sampling": {
            **_provider(tracing),
            "http": {"endpoint": f"{ANYWHERE}:{SAMPLING_HTTP}"},
            "grpc": {"endpoint": f"{ANYWHERE}:{SAMPLING_GRPC}"},
        },
    }
    return {
        "receivers": {"otlp": receiver(server_tls(tracing, JAEGER_TLS))},
        "processors": processors,
        "exporters": {"jaeger_storage_exporter": {"trace_storage": STORE}},
        "extensions": extensions,
        "service": {
            "extensions": list(extensions),
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    "processors": list(processors),
                    "exporters": ["jaeger_storage_exporter"],
                },
            },
            "telemetry": {"resource": {"service.name": "jaeger"}, **TELEMETRY},
        },
    }


def origins(tracing: Tracing) -> dict[Keys, Origin]:
    """Which line of the spec made which part."""
    return {
        ("receivers",): tracing.origin.at("tls"),
        ("extensions", "jaeger_storage"): tracing.storage.origin,
        ("extensions", "remote_sampling"): tracing.default.origin,
    }


def strategies(tracing: Tracing) -> dict[str, Any]:
    """`jaeger/sampling.json`. Where the collector samples, SDKs send everything: shares would multiply."""
    if tracing.at == "tail":
        return {"default_strategy": EVERYTHING}
    services = [
        {
            "service": name,
            **_strategy(sampling.rate or tracing.default),
            **(
                {
                    "operation_strategies": [
                        {"operation": operation, **_strategy(rate)}
                        for operation, rate in sorted(sampling.operations.items())
                    ]
                }
                if sampling.operations
                else {}
            ),
        }
        for name, sampling in sorted(tracing.sampled.items())
        if sampling.rate or sampling.operations
    ]
    return {"default_strategy": _strategy(tracing.default), **({"service_strategies": services} if services else {})}


def strategy_origins(tracing: Tracing) -> dict[Keys, Origin]:
    """Which line of the spec made which strategy."""
    own = [one for _, one in sorted(tracing.sampled.items()) if one.rate or one.operations]
    return {
        ("default_strategy",): tracing.default.origin,
        **{("service_strategies", index): one.origin for index, one in enumerate(own)},
    }


def cleaner(tracing: Tracing, namespace: str | None) -> dict[str, Any]:
    """`jaeger/index-cleaner.yaml`: Elasticsearch forgets nothing by itself, and Jaeger removes nothing."""
    storage = tracing.storage
    mounted = _authority(storage)
    container = {
        "name": "index-cleaner",
        "image": f"jaegertracing/jaeger-es-index-cleaner:{'.'.join(map(str, (*tracing.jaeger, 0, 0)[:3]))}",
        "args": [str(tracing.retention.days), storage.hosts[0], *_cleaner_flags(storage)],
        **({"env": _cleaner_environment(storage.user, storage.password)} if storage.user and storage.password else {}),
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": RIGHTS,
        **({"volumeMounts": [mounted[0]]} if mounted else {}),
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": NOBODY,
        "containers": [container],
        **({"volumes": [mounted[1]]} if mounted else {}),
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "jaeger-index-cleaner", **({"namespace": namespace} if namespace else {})},
        "spec": {
            "schedule": CLEANED,
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"backoffLimit": 3, "template": {"spec": pod}}},
        },
    }


def _provider(tracing: Tracing) -> dict[str, Any]:
    if tracing.adaptive:
        return {"adaptive": {"sampling_store": STORE, "initial_sampling_probability": tracing.default.param}}
    return {"file": {"path": SAMPLING, "reload_interval": RELOAD}}


def _elasticsearch(tracing: Tracing) -> dict[str, Any]:
    storage = tracing.storage
    out: dict[str, Any] = {"server_urls": [escape(host) for host in storage.hosts]}
    if storage.user and storage.password:
        password = variable(secret_variable(storage.password))
        out["auth"] = {"basic": {"username": escape(storage.user), "password": password}}
    if storage.hosts[0].startswith("http://"):
        out["tls"] = {"insecure": True}
    elif storage.ca:
        out["tls"] = {"ca_file": storage.ca}
    if storage.prefix:
        out["indices"] = {"index_prefix": storage.prefix}
    out["max_span_age"] = go_duration(tracing.retention)  # by default a trace of four days ago is not found
    return out


def _strategy(rate: Rate) -> dict[str, Any]:
    return {"type": rate.kind, "param": rate.param}


def _cleaner_flags(storage: Storage) -> list[str]:
    flags = [f"--index-prefix={storage.prefix}"] if storage.prefix else []
    if storage.hosts[0].startswith("https://"):
        flags.append("--es.tls.enabled=true")
        flags += [f"--es.tls.ca={storage.ca}"] if storage.ca else []
    return flags


def _cleaner_environment(user: str, password: Secret) -> list[dict[str, Any]]:
    key = {"name": password.name, "key": password.key}
    return [
        # Kubernetes expands $(NAME) in values, and $$ is one dollar.
        {"name": "ES_USERNAME", "value": user.replace("$", "$$")},
        {"name": "ES_PASSWORD", "valueFrom": {"secretKeyRef": key}},
    ]


def _authority(storage: Storage) -> tuple[dict[str, Any], dict[str, Any]] | None:
    if not storage.ca or storage.hosts[0].startswith("http://"):
        return None
    path = PurePosixPath(storage.ca)
    mount = {"name": "authority", "mountPath": str(path.parent), "readOnly": True}
    return mount, {
        "name": "authority",
        "configMap": {"name": AUTHORITY, "items": [{"key": path.name, "path": path.name}]},
    }
