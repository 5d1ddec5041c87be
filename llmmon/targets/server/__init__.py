"""The Prometheus servers: what each scrapes, evaluates, tells and sends on, judged by promtool."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.dump import notice, yaml_text
from llmmon.target import Artifact, Target
from llmmon.targets.server.configuration import configuration
from llmmon.targets.server.judge import FLAGS, verify

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
    for server in fleet.servers.servers:
        value, origins = configuration(fleet.servers, server)
        yield Artifact(PurePosixPath("prometheus", server.file), yaml_text(value, said), origins, owner)
    if fleet.servers.flags:
        text = "".join(f"{line}\n" for line in (f"# {said}", *fleet.servers.flags))
        yield Artifact(FLAGS, text, {(): fleet.servers.origin.at("retention")}, owner)


TARGET = Target("server", of_fleet=of_fleet, verify=verify, tools=("promtool",), also="prometheus")
