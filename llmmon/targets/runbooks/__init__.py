"""Runbooks: a page for each alert, and for the whole fleet the catalogue, checklists and troubleshooting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lower import runbooks
from llmmon.rulefile import WATCHDOG
from llmmon.target import Artifact, Target
from llmmon.targets.runbooks.catalogue import catalogue
from llmmon.targets.runbooks.checklists import checklists
from llmmon.targets.runbooks.page import by_name, page
from llmmon.targets.runbooks.proof import CATALOGUE, CHECKLISTS, TROUBLESHOOTING, path_of, verify
from llmmon.targets.runbooks.troubleshooting import troubleshooting
from llmmon.targets.runbooks.watchdog import watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.problem import Problem


def emit(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`runbooks/<service>/<Alert>.md`, in the order in which the alerts first appear."""
    named = by_name(service)
    for name, rules in named.items():
        text = page(fleet, service, name, named)
        yield Artifact(path_of(service.name, name), text, {(): rules[0][1].origin}, service.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`runbooks/README.md`, which is the catalogue, `checklists.md`, `troubleshooting.md`, the page of the Watchdog."""
    owner = fleet.origin.document.path
    for path, text in (
        (CATALOGUE, catalogue(fleet, facts)),
        (CHECKLISTS, checklists(fleet, facts)),
        (TROUBLESHOOTING, troubleshooting(fleet)),
        (path_of(fleet.name, WATCHDOG), watchdog(fleet)),
    ):
        yield Artifact(path, text, {(): fleet.origin}, owner)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    """What is wrong with the prose, which is where these pages can go wrong."""
    del artifacts
    yield from runbooks.check(fleet, service, by_name(service))


TARGET = Target("runbooks", of_service=emit, of_fleet=of_fleet, check=check, verify=verify, tools=("bash",))
