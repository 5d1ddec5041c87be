"""The contract of a target: a kind of artifact, how it is emitted, and how it is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path, PurePosixPath

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.problem import Keys, Origin, Problem, Unverified
    from llmmon.tool import Tools


@frozen
class Artifact:
    """One generated file. `origins` says, for places inside it, which line of a spec made them (longest prefix
    wins)."""

    path: PurePosixPath
    text: str
    origins: Mapping[Keys, Origin]
    owner: str  # the spec that made it, or the fleet's file


@frozen
class Written:
    """An artifact in the scratch folder, its text no longer in memory."""

    path: PurePosixPath
    origins: Mapping[Keys, Origin]
    owner: str


@frozen
class Target:
    """A kind of artifact.

    `of_service` and `of_fleet` are pure: values in, artifacts out. `of_fleet` gets the facts of all alerts of all
    services. `of_all` comes last, and brings together what the others have made: their artifacts stand in the scratch
    folder. `check` looks at a service's own artifacts without any tool, as soon as they are emitted. `verify` runs
    once per run, on all artifacts of this target that stand in a scratch folder, and asks the real tools.
    """

    name: str
    of_service: Callable[[Fleet, Service], Iterator[Artifact]] | None = None
    of_fleet: Callable[[Fleet, Sequence[Facts]], Iterator[Artifact]] | None = None
    check: Callable[[Fleet, Service, Sequence[Artifact]], Iterator[Problem | Unverified]] | None = None
    verify: (
        Callable[[Fleet, Iterable[Facts], Path, Sequence[Written], Tools], Iterator[Problem | Unverified]] | None
    ) = None
    tools: tuple[str, ...] = ()
    also: str | None = None  # the folder of its artifacts, where that is not its name
    of_all: Callable[[Fleet, Sequence[Written], Path], Iterator[Artifact]] | None = None

    @property
    def folder(self) -> str:
        """The first part of the path of each of its artifacts."""
        return self.also or self.name
