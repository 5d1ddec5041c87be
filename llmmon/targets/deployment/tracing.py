"""The OpenTelemetry Collector, the tier behind it that samples, and Jaeger, each with what its configuration names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.classes import replace
from llmmon.plan.tracing import (
    AUTHORITY,
    COLLECTOR_TLS,
    GRPC_PORT,
    HEALTH_PORT,
    HTTP_PORT,
    JAEGER_TLS,
    METRICS_PORT,
    QUERY_PORT,
    SAMPLING,
    SAMPLING_GRPC,
    SAMPLING_HTTP,
    UI_PORT,
    secret_variable,
)
from llmmon.targets.deployment.containers import container, http, plain, secret_env
from llmmon.targets.deployment.volumes import config_volume, folder, mount, scratch, secret_volume
from llmmon.targets.deployment.workloads import Pod, service, workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan.deploy import Deploy, Part
    from llmmon.plan.tracing import Tracing
    from llmmon.targets.deployment.objects import Object

USER = 10_001  # of both images
SPANS = {"otlp-grpc": GRPC_PORT, "otlp-http": HTTP_PORT}
OWN = {"metrics": METRICS_PORT, "health": HEALTH_PORT}
WEB = {"http": UI_PORT, "grpc-query": QUERY_PORT}
ASKED = {"http-sampling": SAMPLING_HTTP, "grpc-sampling": SAMPLING_GRPC}
COLLECTOR_CONFIG, SAMPLER_CONFIG, JAEGER_CONFIG = "otel-collector-config", "otel-sampler-config", "jaeger-config"


def collectors(deploy: Deploy, tracing: Tracing) -> Iterator[Object]:
    """The collector; with a second tier also that, behind a Service in which each of its pods has its own address."""
    part = deploy.parts["collector"]
    yield from workload(deploy, part, _collector(part, tracing, COLLECTOR_CONFIG, "collector.yaml"), {**SPANS, **OWN})
    if tracing.samplers:
        second = sampler(deploy, tracing)
        yield from workload(deploy, second, _collector(second, tracing, SAMPLER_CONFIG, "sampler.yaml"), OWN)
        yield service(deploy, second, SPANS, _first(tracing.samplers), headless=True)


def sampler(deploy: Deploy, tracing: Tracing) -> Part:
    """The second tier: as many as tail sampling is written for, and never another number."""
    part = deploy.parts["collector"]
    return replace(part, name="otel-sampler", replicas=tracing.replicas, most=tracing.replicas)


def jaeger(deploy: Deploy, tracing: Tracing) -> Iterator[Object]:
    """Jaeger, the Service that spans are sent to, and the one that people and Grafana ask."""
    part = deploy.parts["jaeger"]
    yield from workload(deploy, part, _jaeger(part, tracing), OWN)
    yield service(deploy, part, {**SPANS, **ASKED}, _first(tracing.endpoint))
    yield service(deploy, part, WEB, "jaeger-query")


def _first(host: str) -> str:
    """The name of the Service in an address."""
    return host.partition(":")[0].partition(".")[0]


def _collector(part: Part, tracing: Tracing, config: str, file: str) -> Pod:
    home = f"/etc/otel/{file}"
    volumes, mounts = _certificates(part, tracing, COLLECTOR_TLS)
    return Pod(
        containers=[
            container(
                part,
                args=[f"--config={home}"],
                env=[_memory(part)],
                ports={**SPANS, **OWN},
                mounts=[mount("config", home, file=file), *mounts],
                probes=_probes("/"),
            )
        ],
        volumes=[config_volume("config", config), *volumes],
        user=USER,
    )


def _jaeger(part: Part, tracing: Tracing) -> Pod:
    storage = tracing.storage
    volumes, mounts = _certificates(part, tracing, JAEGER_TLS)
    if storage.ca:
        file = PurePosixPath(storage.ca).name
        volumes += [{"name": "authority", "configMap": {"name": AUTHORITY, "items": [{"key": file, "path": file}]}}]
        mounts += [mount("authority", folder(storage.ca))]
    secret = storage.password if storage.user else None
    return Pod(
        containers=[
            container(
                part,
                args=["--config=/etc/jaeger/config.yaml"],
                env=[_memory(part), *([secret_env(secret_variable(secret), secret)] if secret else [])],
                ports={**SPANS, **WEB, **ASKED, **OWN},
                mounts=[
                    mount("config", "/etc/jaeger/config.yaml", file="config.yaml"),
                    *([] if tracing.adaptive else [mount("config", SAMPLING, file="sampling.json")]),
                    mount("tmp", "/tmp", write=True),  # noqa: S108 - the container's own
                    *mounts,
                ],
                probes=_probes("/status"),
            )
        ],
        volumes=[config_volume("config", JAEGER_CONFIG), scratch("tmp", "64Mi"), *volumes],
        user=USER,
    )


def _certificates(part: Part, tracing: Tracing, where: str) -> tuple[list[Object], list[Object]]:
    if tracing.tls == "off":
        return [], []
    volume = secret_volume("tls", f"{part.name}-tls", ["tls.crt", "tls.key", "ca.crt"])
    return [volume], [mount("tls", where)]


def _memory(part: Part) -> Object:
    """Go frees memory in time where it knows its limit: four fifths of the container's."""
    size = int(part.memory[:-2]) * (1024 if part.memory.endswith("Gi") else 1)
    return plain("GOMEMLIMIT", f"{size * 4 // 5}MiB")


def _probes(path: str) -> dict[str, Object]:
    return {
        "livenessProbe": http(path, "health", periodSeconds=10),
        "readinessProbe": http(path, "health", periodSeconds=5),
    }
