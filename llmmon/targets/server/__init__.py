"""The Prometheus servers: what each scrapes, evaluates, tells and sends on, judged by promtool."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.dump import notice, yaml_text
from llmmon.target import Artifact, Target
from llmmon.targets.server.configuration import configuration
from llmmon.targets.server.judge import FLAGS, RECEIVER_FLAGS, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`prometheus/prometheus.yml`, `prometheus/prometheus.<environment>.yml`, and the flags of all of them."""
    del facts
    if fleet.servers is None:
        return
    owner = fleet.origin.document.path
    said = notice(owner)
    servers = fleet.servers
    for server in servers.every:
        value, origins = configuration(servers, server)
        yield Artifact(PurePosixPath("prometheus", server.file), yaml_text(value, said), origins, owner)
    for path, flags in ((FLAGS, servers.flags), (RECEIVER_FLAGS, servers.receiver_flags)):
        if flags:
            text = "".join(f"{line}\n" for line in (f"# {said}", *flags))
            yield Artifact(path, text, {(): servers.origin.at("retention")}, owner)


TARGET = Target("server", of_fleet=of_fleet, verify=verify, tools=("promtool",), also="prometheus")
