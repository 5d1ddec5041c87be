"""Alertmanager: routes, receivers, inhibitions, time intervals and notification templates, for the whole fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import alertmanagerfile
from llmmon.dump import notice, yaml_text
from llmmon.target import Artifact, Target
from llmmon.targets.alertmanager.judge import CONFIG, TEMPLATES, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet


def emit(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """The configuration and its templates. A file of the user's own that ours cannot join is `Rejected`."""
    owner = fleet.origin.document.path
    said = notice(owner)
    value, origins = alertmanagerfile.whole(fleet, facts)
    yield Artifact(CONFIG, yaml_text(value, said), origins, owner)
    yield Artifact(TEMPLATES, alertmanagerfile.templates(fleet, said), {(): fleet.origin}, owner)


TARGET = Target("alertmanager", of_fleet=emit, verify=verify, tools=("amtool",))
