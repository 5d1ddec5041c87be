"""Files of another tool become the text of a spec, with all that is lost on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.interchange import documents, openslo, pyrra, sloth, spec
from llmmon.problem import Level, Origin, Problem
from llmmon.source import reading
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from llmmon.interchange.documents import Node
    from llmmon.interchange.model import Objective

STDIN = Path("-")
_READERS: dict[str, Callable[[Iterable[Node]], Iterator[Objective]]] = {
    "openslo": openslo.read,
    "pyrra": pyrra.read,
    "sloth": sloth.read,
}
_NAMES = {"openslo": "OpenSLO", "pyrra": "Pyrra", "sloth": "Sloth"}
_NOBODY = "default"  # a team, where neither the file nor a fleet names one


@frozen
class Made:
    """The spec, empty where there is no objective to write, and what is wrong or lost."""

    text: str
    problems: tuple[Problem, ...]
    count: int


def run(tool: str, files: Sequence[Path], stdin: BinaryIO, team: str | None, teams: Sequence[str], name: str) -> Made:
    """All objectives of these files, in one spec; `team` answers for them, or one of `teams`."""
    problems: list[Problem] = []
    nodes: list[Node] = []
    for path in files:
        shown = "<stdin>" if path == STDIN else path.as_posix()
        document, wrong = reading.decoded(stdin.read(), shown) if path == STDIN else reading.read(path, shown)
        problems += wrong
        if not wrong:
            found = documents.read(document, problems)
            if not found and not problems:
                nowhere = Origin(Document(document.path, ""))
                problems.append(Problem(nowhere, "there is nothing in this file", "import", Level.ERROR))
            nodes += found
    objectives = list(_READERS[tool](nodes))
    chosen = _Team(team, teams)
    where = ", ".join(path.name if path != STDIN else "standard input" for path in files)
    text = spec.write(objectives, _NAMES[tool], where, chosen.of, name) if objectives else ""
    return Made(text, tuple(dict.fromkeys((*problems, *chosen.problems(nodes)))), len(objectives))


class _Team:
    """Who answers: as was asked for, as the file says, or the fleet's first team."""

    def __init__(self, asked: str | None, teams: Sequence[str]) -> None:
        self.asked, self.teams = asked, teams
        self.unknown: list[str] = []

    def of(self, named: str) -> str:
        if self.asked is not None:
            return self.asked
        if self.teams and named and named not in self.teams:
            self.unknown.append(named)
        if not self.teams or named in self.teams:
            return named or next(iter(self.teams), _NOBODY)
        return self.teams[0]

    def problems(self, nodes: Sequence[Node]) -> Iterator[Problem]:
        for name in dict.fromkeys(self.unknown):
            message = f"{name!r} is no team of the fleet, so {self.teams[0]} answers: write another with --team"
            yield Problem(nodes[0].origin, message, "import", Level.WARNING)
