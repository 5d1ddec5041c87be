"""What is found and not said: where a file is a test's, a program's or another tool's, or of another time.

All of it is said of a file that was named, but for what only tests read and what the folder's Prometheus still has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.documents import made
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from llmmon.problem import Positioned, Problem
    from llmmon.rule import UnitTests

_WENT = re.compile(r"it went with Prometheus (\d+)\.(\d+)")


def fixtures(problems: Sequence[Problem], read: Container[str], tests: Sequence[UnitTests]) -> list[Problem]:
    """The problems that are not of what only a test `read`; what promtool's own tests say counts."""
    ours = {test.origin.document.path for test in tests}
    return [one for one in problems if one.origin.document.path not in read or one.origin.document.path in ours]


def of_their_time(problems: Sequence[Problem], pinned: Mapping[str, tuple[int, int]]) -> list[Problem]:
    """The problems but for what is gone in a new Prometheus, and is there in the one that the folder names."""
    return [one for one in problems if not _was_there(one, pinned)]


def _was_there(problem: Problem, pinned: Mapping[str, tuple[int, int]]) -> bool:
    if problem.rule not in ("promql-syntax", "broken-query") or not (went := _WENT.search(problem.message)):
        return False
    gone = int(went[1]), int(went[2])
    return pinned.get("prometheus", gone) < gone


def of_others(problems: Sequence[Problem], documents: Sequence[Positioned], named: Container[str]) -> Iterator[Problem]:
    """The problems but for what is no error in files that a program made, and how a mixin writes a regex; all of files
    that nobody `named`."""
    mild = {problem.origin.document.path for problem in problems if problem.level < Level.ERROR}
    asked = (document for document in documents if document.path in mild and document.path not in named)
    by_program = {document.path for document in asked if made.is_made(document)}
    for problem in problems:
        path = problem.origin.document.path
        is_made = problem.level < Level.ERROR and path in by_program
        if path in named or not (is_made or _is_of_mixin(problem)):
            yield problem


def _is_of_mixin(problem: Problem) -> bool:
    if problem.rule != "regex-matcher":
        return False
    from llmmon.documents import published

    return published.is_of_mixin(problem.origin.document)
