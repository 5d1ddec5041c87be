"""The Pushgateway, to which backups say when they have ended, and the blackbox exporter, which asks from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.plan.outside import SECRETS
from llmmon.targets.deployment.containers import container, http
from llmmon.targets.deployment.volumes import config_volume, mount, secret_files
from llmmon.targets.deployment.workloads import Pod, workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan.deploy import Deploy
    from llmmon.plan.outside import Blackbox
    from llmmon.targets.deployment.objects import Object

PUSH, ASK = {"http": 9091}, {"http": 9115}
BLACKBOX_CONFIG = "blackbox-config"


def pushgateway(deploy: Deploy) -> Iterator[Object]:
    """It keeps what it was told: a backup of yesterday is not forgotten with a pod."""
    part = deploy.parts["pushgateway"]
    main = container(
        part,
        args=["--persistence.file=/data/metrics", "--persistence.interval=1m"],
        ports=PUSH,
        mounts=[mount("data", "/data", write=True)],
        probes={
            "livenessProbe": http("/-/healthy", "http", periodSeconds=10),
            "readinessProbe": http("/-/ready", "http", periodSeconds=5),
        },
    )
    yield from workload(deploy, part, Pod([main], claim="data"), PUSH)


def blackbox(deploy: Deploy, said: Blackbox) -> Iterator[Object]:
    """The exporter, with the modules that are generated. ICMP would need a capability, so it has no such module."""
    part = deploy.parts["blackbox"]
    volumes, mounts = secret_files(said.secrets, SECRETS)
    main = container(
        part,
        args=["--config.file=/etc/blackbox_exporter/blackbox.yml"],
        ports=ASK,
        mounts=[mount("config", "/etc/blackbox_exporter/blackbox.yml", file="blackbox.yml"), *mounts],
        probes={
            "livenessProbe": http("/-/healthy", "http", periodSeconds=10),
            "readinessProbe": http("/-/healthy", "http", periodSeconds=5),
        },
    )
    yield from workload(deploy, part, Pod([main], [config_volume("config", BLACKBOX_CONFIG), *volumes]), ASK)
