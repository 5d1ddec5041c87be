"""What the pages of the whole fleet need to know of each service, small enough to be kept for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from llmmon.plan.service import Process, Workload


@frozen
class Objective:
    """A service level objective, as the spec writes it."""

    name: str
    objective: str
    how: str  # what is good, such as `within 2s`; empty where its signal says so
    window: str


@frozen
class Baseline:
    """A value of a normal week, as the spec writes it."""

    name: str
    signal: str
    value: str
    tolerance: str


@frozen
class Watched:
    """One service."""

    name: str
    team: str
    spec: str  # path of the spec that names it
    presets: tuple[str, ...]
    workload: Workload | None
    process: Process | None
    pods: str  # a label of its pods, `app=chat`; empty where there is no workload
    metrics: tuple[int | str, str] | None  # port and path of what it exposes; None where nobody says
    logs: bool
    dashboards: tuple[tuple[str, str], ...]  # title and uid
    objectives: tuple[Objective, ...]
    baselines: tuple[Baseline, ...]
