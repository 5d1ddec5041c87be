"""The blackbox exporter: one module for each kind of question that the services need, judged by itself."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon.dump import notice, yaml_text
from llmmon.target import Artifact, Target
from llmmon.targets.blackbox.judge import verify
from llmmon.targets.blackbox.modules import module

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Keys, Origin


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`blackbox/blackbox.yml`, where the fleet has an exporter and something to ask."""
    del facts
    if fleet.blackbox is None or not fleet.blackbox.modules:
        return
    owner = fleet.origin.document.path
    modules = fleet.blackbox.modules
    origins: dict[Keys, Origin] = {(): fleet.blackbox.origin}
    origins |= {("modules", one.name): one.origin for one in modules}
    value = {"modules": {one.name: module(one) for one in modules}}
    yield Artifact(PurePosixPath("blackbox/blackbox.yml"), yaml_text(value, notice(owner)), origins, owner)


TARGET = Target("blackbox", of_fleet=of_fleet, verify=verify, tools=("blackbox_exporter",))
