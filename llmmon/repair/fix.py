"""The edits of many problems become the new bytes of files, as often as it takes."""

from __future__ import annotations

from bisect import bisect_left, insort
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon.classes import field, frozen, mutable
from llmmon.documents import envelopes
from llmmon.problem import Origin, Problem
from llmmon.repair import edits
from llmmon.repair.changes import Bytes
from llmmon.repair.meant import Meant, says, ways
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llmmon.repair.changes import Change

ROUNDS = 10


@frozen
class _Repair:
    """What one problem's fix does to one document of a file."""

    problem: Problem
    changes: tuple[Change, ...]  # in the file
    meant: tuple[tuple[int, Meant], ...]  # each with the number of its document


@mutable
class Outcome:
    """The files that are different now, what was repaired in them, and what could not be."""

    files: dict[str, bytes] = field(default_factory=dict)
    fixed: list[Problem] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)


def fixed(problems: Iterable[Problem], read: Callable[[str], bytes], unsafe: bool = False) -> Outcome:
    """Repair what can be, where two fixes are in each other's way the first; a second run does the others.

    `read` gives the bytes of a file by the path of its documents. Safe fixes alone, unless `unsafe`.
    """
    outcome = Outcome()
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.fix and (problem.fix.safe or unsafe):
            by_file.setdefault(problem.fix.edits[0][0].document.path, []).append(problem)
    for path, mine in by_file.items():
        try:
            file = _File(path, read(path))
        except (OSError, UnicodeDecodeError):
            outcome.refused += mine
            continue
        wanted = file.chosen(mine, outcome.refused)
        done = file.repaired(wanted, outcome.refused)
        if done:
            outcome.files[path] = file.bytes.changed([change for repair in done for change in repair.changes])
            outcome.fixed += [repair.problem for repair in done]
    return outcome


class _File:
    """A file, its text, and the documents in it."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.bytes = Bytes(data)
        self.text = self.bytes.text
        self.parts = envelopes.documents(Document(path, self.text))
        self.known: dict[int, tuple[int, int] | None] = {}  # of a document that problems are in

    def chosen(self, problems: Sequence[Problem], refused: list[Problem]) -> list[_Repair]:
        """The repairs that are not in each other's way; those that cannot be made are added to `refused`."""
        out: list[_Repair] = []
        taken: list[Change] = []
        for problem in problems:
            repair = self.repair(problem)
            if repair is None:
                refused.append(problem)
                continue
            new = [change for change in repair.changes if not _among(change, taken)]
            if any(_in_the_way(change, taken) for change in new):
                continue
            for change in new:
                insort(taken, change)
            out.append(_Repair(problem, tuple(new), repair.meant))
        return out

    def repair(self, problem: Problem) -> _Repair | None:
        assert problem.fix
        found = edits.changes(problem.fix)
        if found is None:
            return None
        changes: list[Change] = []
        for document, change in found:
            part = self.part(document)
            if part is None:
                return None
            new = change._replace(start=change.start + part[1], end=change.end + part[1])
            if any(edits.conflicts(new, old) for old in changes if new != old):
                return None
            changes += [] if new in changes else [new]
        meant = []
        for origin, text in problem.fix.edits:
            way, base = ways(origin)
            part = self.part(base) if base else None
            if part is None:
                return None
            meant.append((part[0], Meant(way, origin.span, text)))
        return _Repair(problem, tuple(changes), tuple(meant))

    def part(self, document: Document) -> tuple[int, int] | None:
        """Which document of the file this is, and what to add to a place in it; None where it is none, or was one."""
        if id(document) not in self.known:
            same = (index for index, part in enumerate(self.parts) if part.text == document.text)
            number = next(same, None) if document.path == self.path else None
            if number is not None and document.json:
                self.parts[number] = document
            self.known[id(document)] = None if number is None else (number, self.offset(document))
        return self.known[id(document)]

    def offset(self, document: Document) -> int:
        lines = len(document.text) - len(document.text.lstrip("\n")) if document.text != self.text else 0
        start = 0
        for _ in range(lines):
            start = self.text.find("\n", start) + 1
        return start - lines

    def repaired(self, repairs: list[_Repair], refused: list[Problem]) -> list[_Repair]:
        """The repairs after which the file says what was meant, and nothing else is different."""
        if not repairs or self.as_meant(repairs):
            return repairs
        if len(repairs) == 1:
            refused.append(repairs[0].problem)
            return []
        half = len(repairs) // 2
        both = [part for some in (repairs[:half], repairs[half:]) for part in self.repaired(some, refused)]
        return both if self.as_meant(both) else []

    def as_meant(self, repairs: Sequence[_Repair]) -> bool:
        changes = [change for repair in repairs for change in repair.changes]
        text = Bytes(self.bytes.changed(changes)).text
        after = [Document("", text)] if self.parts[0].json else envelopes.documents(Document("", text))
        meant: dict[int, list[Meant]] = {}
        for repair in repairs:
            for number, one in repair.meant:
                meant.setdefault(number, []).append(one)
        return len(after) == len(self.parts) and all(
            says(old, new.text, meant.get(number, []))
            for number, (old, new) in enumerate(zip(self.parts, after, strict=True))
        )


def _among(change: Change, taken: Sequence[Change]) -> bool:
    at = bisect_left(taken, change)
    return at < len(taken) and taken[at] == change


def _in_the_way(change: Change, taken: Sequence[Change]) -> bool:
    at = bisect_left(taken, change)
    return any(edits.conflicts(change, other) for other in taken[max(at - 1, 0) : at + 1])


@mutable
class Repaired:
    """What is left after several rounds, the files that are different, before and now, and what was done."""

    problems: list[Problem]
    before: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    fixed: int = 0
    refused: list[Problem] = field(default_factory=list)

    def difference(self) -> str:
        """As `diff -u` writes it."""
        from llmmon.output.differences import file_diff

        return "".join(file_diff(path, self.before[path], self.files[path], limit=None) for path in sorted(self.files))


def rounds(
    find: Callable[[Mapping[str, bytes]], list[Problem]],
    given: Mapping[str, bytes],
    unsafe: bool = False,
    most: int = ROUNDS,
) -> Repaired:
    """Repair what `find` finds, look again, and so on until nothing changes. No file is written.

    `find` is given what some files hold now instead of what is on disk, at first `given`.
    """
    now, before, count = dict(given), dict(given), 0
    problems = find(now)
    refused: list[Problem] = []

    def read(path: str) -> bytes:
        if path not in now:
            now[path] = before[path] = Path(path).read_bytes()
        return now[path]

    for _ in range(most):
        outcome = fixed(problems, read, unsafe)
        refused = outcome.refused
        if not outcome.files:
            break
        now |= outcome.files
        count += len(outcome.fixed)
        problems = find(now)
    changed = {path: data for path, data in now.items() if data != before[path]}
    return Repaired(problems, before, changed, count, refused)


def write(repaired: Repaired) -> Iterator[Problem]:
    """Write the files that are different; those that somebody else has changed meanwhile stay as they are."""
    from llmmon.output import files

    for path, data in sorted(repaired.files.items()):
        try:
            target = Path(path).resolve()
            if target.read_bytes() != repaired.before[path]:
                why = "somebody else has changed it: run this again"
            else:
                files.write(target, data)
                continue
        except OSError as error:
            why = f"{error.strerror}: give yourself the right to change it"
        yield Problem(Origin(Document(path, "")), f"was not written: {why}", "not-written")
