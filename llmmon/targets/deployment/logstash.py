"""Logstash with the pipelines of all services; each pod keeps its queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lower.logstack import writer
from llmmon.plan import Secret
from llmmon.targets.deployment.containers import container, http, plain, secret_env
from llmmon.targets.deployment.volumes import config_volume, folder, mount, scratch, secret_volume
from llmmon.targets.deployment.workloads import Pod, workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy, Lines, Part
    from llmmon.targets.deployment.objects import Object

USER = 1000
API = 9600
HOME = "/usr/share/logstash"
TLS, KAFKA = "/etc/logstash/tls", "/etc/logstash/kafka"
CONFIG, PIPELINES = "logstash-config", "logstash-pipelines"
CA_MAP = "logstash-elasticsearch-ca"


def objects(fleet: Fleet, deploy: Deploy, lines: Lines) -> Iterator[Object]:
    """All of its objects."""
    part = deploy.parts["logstash"]
    ports = {f"in-{port}": port for port in lines.ports}
    volumes, mounts = _files(fleet, lines)
    pod = Pod(
        containers=[
            container(
                part,
                args=["--api.http.host=0.0.0.0", f"--path.data={HOME}/data"],  # the kubelet asks from the node
                env=[*_environment(fleet, lines), _heap(part)],
                ports={**ports, "api": API},
                mounts=[
                    mount("config", f"{HOME}/config/pipelines.yml", file="pipelines.yml"),
                    mount("pipelines", f"{HOME}/pipeline"),
                    mount("data", f"{HOME}/data", write=True),
                    mount("tmp", "/tmp", write=True),  # noqa: S108 - the container's own
                    *mounts,
                ],
                probes={
                    "startupProbe": http("/", "api", periodSeconds=10, failureThreshold=30),  # a JVM
                    "livenessProbe": http("/", "api", periodSeconds=10, failureThreshold=6),
                    "readinessProbe": http("/", "api", periodSeconds=10),
                },
            )
        ],
        volumes=[
            config_volume("config", CONFIG),
            config_volume("pipelines", PIPELINES),
            scratch("tmp", "1Gi"),
            *volumes,
        ],
        user=USER,
        claim="data",
        grace=120,
    )
    yield from workload(deploy, part, pod, {**ports, "api": API})


def _environment(fleet: Fleet, lines: Lines) -> Iterator[Object]:
    """Every variable that a pipeline names."""
    if lines.ports:
        yield plain("LOGSTASH_TLS_CERTIFICATE", f"{TLS}/tls.crt")
        yield plain("LOGSTASH_TLS_KEY", f"{TLS}/tls.key")
        yield plain("LOGSTASH_TLS_CA", f"{TLS}/ca.crt")
    if lines.kafka != "off":
        yield plain("KAFKA_TLS_CA", f"{KAFKA}/ca.crt")
    if lines.kafka == "mutual":
        yield plain("KAFKA_TLS_KEYSTORE", f"{KAFKA}/keystore.pem")
    if lines.hashes:
        yield secret_env("REDACT_KEY", Secret("logstash-redact", "key"))
    known = fleet.elasticsearch
    for option, said in writer(known)["credentials"]:
        if said.startswith("${"):
            given = known.get(option)
            secret = given if isinstance(given, Secret) else Secret("logstash-elasticsearch", option)
            yield secret_env(said[2:-1], secret)


def _files(fleet: Fleet, lines: Lines) -> tuple[list[Object], list[Object]]:
    volumes, mounts = [], []
    if lines.ports:
        volumes.append(secret_volume("tls", "logstash-tls", ["tls.crt", "tls.key", "ca.crt"]))
        mounts.append(mount("tls", TLS))
    if lines.kafka != "off":
        keys = ["ca.crt", *(["keystore.pem"] if lines.kafka == "mutual" else [])]
        volumes.append(secret_volume("kafka", "logstash-kafka", keys))
        mounts.append(mount("kafka", KAFKA))
    if isinstance(path := fleet.elasticsearch.get("ca"), str) and path.startswith("/"):
        volumes.append(config_volume("authority", CA_MAP))
        mounts.append(mount("authority", folder(path)))
    return volumes, mounts


def _heap(part: Part) -> Object:
    """Half of the memory: the other half is for what the JVM keeps outside of its heap."""
    size = int(part.memory[:-2]) * (1024 if part.memory.endswith("Gi") else 1) // 2
    return plain("LS_JAVA_OPTS", f"-Xms{size}m -Xmx{size}m")
