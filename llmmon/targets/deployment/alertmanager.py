"""Alertmanager: a StatefulSet whose pods tell each other what has been sent and what is silenced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import alertmanagerfile
from llmmon.lower.receivers import SECRETS
from llmmon.targets.deployment.containers import container, http
from llmmon.targets.deployment.volumes import config_volume, mount, secret_files
from llmmon.targets.deployment.workloads import Pod, workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy
    from llmmon.targets.deployment.objects import Object

PORTS = {"http": 9093}
GOSSIP = 9094
HOME = "/etc/alertmanager"
CONFIG, TEMPLATES = "alertmanager-config", "alertmanager-templates"


def objects(fleet: Fleet, deploy: Deploy) -> Iterator[Object]:
    """All of its objects."""
    part = deploy.parts["alertmanager"]
    volumes, mounts = secret_files(alertmanagerfile.secrets(fleet), SECRETS)
    peers = [f"{part.name}-{index}.{part.name}-pods.{part.namespace}.svc:{GOSSIP}" for index in range(part.replicas)]
    url = deploy.host("alertmanager")
    probes = {
        "livenessProbe": http("/-/healthy", "http", periodSeconds=10),
        "readinessProbe": http("/-/ready", "http", periodSeconds=5),
    }
    pod = Pod(
        containers=[
            container(
                part,
                args=[
                    f"--config.file={HOME}/alertmanager.yml",
                    "--storage.path=/alertmanager",
                    *([f"--web.external-url=https://{url}"] if url else []),
                    # Without an address it does not look for others.
                    *(
                        [f"--cluster.peer={peer}" for peer in peers]
                        if len(peers) > 1
                        else ["--cluster.listen-address="]
                    ),
                ],
                ports={**PORTS, **({"gossip": GOSSIP, "gossip-udp": GOSSIP} if len(peers) > 1 else {})},
                udp=["gossip-udp"],
                mounts=[
                    mount("config", f"{HOME}/alertmanager.yml", file="alertmanager.yml"),
                    mount("templates", f"{HOME}/templates"),
                    *mounts,
                    mount("data", "/alertmanager", write=True),
                ],
                probes=probes,
            )
        ],
        volumes=[config(fleet), config_volume("templates", TEMPLATES), *volumes],
        claim="data",
    )
    yield from workload(deploy, part, pod, PORTS)


def config(fleet: Fleet) -> Object:
    """The generated file. With a file of the user's own inside, it may hold what only a Secret should."""
    if fleet.base is not None:
        return {"name": "config", "secret": {"secretName": CONFIG, "defaultMode": 0o440}}
    return config_volume("config", CONFIG)
