"""What everybody stands on: where something was written, and what is wrong with it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

Keys = tuple[str | int, ...]  # the way to a node: mapping keys and list indices
Span = tuple[int, int]  # code points inside the scalar, end excluded


class Level(IntEnum):
    """How much a problem hurts; the order is the order of `--fail-on`."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Positioned(Protocol):
    """A text file that knows where its nodes are."""

    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str: ...

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:
        """Line and column, both from 1, of the node at `keys` or of the nearest that exists."""


@frozen
class Origin:
    """Where something was written; becomes `file:line:column` only when it is printed.

    `via` is a second place worth knowing, such as the preset's own line behind the spec's `uses:`.
    """

    document: Positioned
    keys: Keys = ()
    span: Span | None = None
    via: Origin | None = None

    def at(self, *keys: str | int, span: Span | None = None) -> Origin:
        """The origin of a node further inside."""
        return Origin(self.document, self.keys + keys, span, self.via)

    def position(self) -> tuple[int, int]:
        """Line and column, from 1."""
        return self.document.position(self.keys, self.span)

    def __str__(self) -> str:
        line, column = self.position()
        return f"{self.document.path}:{line}:{column}"


@frozen
class Fix:
    """Texts that repair a problem, each instead of what its origin leads to; `safe` keeps the meaning.

    An origin with a span is that part of a scalar, one without is a whole value. Without a text the entry goes, with
    its key.
    """

    edits: tuple[tuple[Origin, str | None], ...]
    safe: bool = False


@frozen
class Problem:
    """One diagnostic: says what is wrong, names the value, and says what to write instead."""

    origin: Origin
    message: str
    rule: str
    level: Level = Level.ERROR
    fix: Fix | None = None
    related: tuple[Origin, ...] = ()
    code: str = ""  # of a rule that has several
    advice: bool = False  # only who wrote it can tell whether it is wrong


@frozen
class Unverified:
    """Something that no tool has judged, and why; printed, and an error where tools are required."""

    what: str
    why: str
    needed: bool = True  # False where something else has judged it as well, such as our own parser


class Rejected(Exception):  # noqa: N818 - it is an outcome, not an error: a stage that has no output
    """This stage has no output; the problems say why. Caught once, in the command line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


def worst(problems: Sequence[Problem]) -> Level | None:
    """The highest level among the problems; None where there are none."""
    return max((p.level for p in problems), default=None)
