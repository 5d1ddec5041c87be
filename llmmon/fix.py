"""Repairs files: the edits of many problems become new bytes, and nothing else in a file changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from llmmon import edits, source
from llmmon.documents import envelopes
from llmmon.documents.envelopes import Embedded
from llmmon.problem import Origin, Problem
from llmmon.source import Document
from llmmon.text import Bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llmmon.problem import Keys, Span
    from llmmon.scalars import Change
    from llmmon.source import Value

ROUNDS = 10


class _Meant(NamedTuple):
    """One edit: the ways from the file to the value, one for each text in a text, and whether that is JSON."""

    ways: tuple[tuple[Keys, bool], ...]
    span: Span | None
    text: str | None


@dataclass(frozen=True, slots=True)
class _Repair:
    """What one problem's fix does to one document of a file."""

    problem: Problem
    changes: tuple[Change, ...]  # in the file
    meant: tuple[tuple[int, _Meant], ...]  # each with the number of its document


@dataclass(slots=True)
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
            ways, base = _ways(origin)
            part = self.part(base) if base else None
            if part is None:
                return None
            meant.append((part[0], _Meant(ways, origin.span, text)))
        return _Repair(problem, tuple(changes), tuple(meant))

    def part(self, document: Document) -> tuple[int, int] | None:
        """Which document of the file this is, and what to add to a place in it; None where the file has changed."""
        if id(document) not in self.known:
            number = next((index for index, part in enumerate(self.parts) if part.text == document.text), None)
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
        meant: dict[int, list[_Meant]] = {}
        for repair in repairs:
            for number, one in repair.meant:
                meant.setdefault(number, []).append(one)
        return len(after) == len(self.parts) and all(
            _says(old, new.text, meant.get(number, []))
            for number, (old, new) in enumerate(zip(self.parts, after, strict=True))
        )


def _among(change: Change, taken: Sequence[Change]) -> bool:
    at = bisect_left(taken, change)
    return at < len(taken) and taken[at] == change


def _in_the_way(change: Change, taken: Sequence[Change]) -> bool:
    at = bisect_left(taken, change)
    return any(edits.conflicts(change, other) for other in taken[max(at - 1, 0) : at + 1])


def _ways(origin: Origin) -> tuple[tuple[tuple[Keys, bool], ...], Document | None]:
    keys, document = origin.keys, origin.document
    ways: list[tuple[Keys, bool]] = []
    while isinstance(document, Embedded):
        ways.insert(0, (keys, document.inner.json))
        keys, document = document.outer.keys, document.outer.document
    if not isinstance(document, Document):
        return (), None
    return ((keys, document.json), *ways), document


def _says(old: Document, new: str, meant: Sequence[_Meant]) -> bool:
    """Whether a text says what the document did but for what was meant."""
    before, wrong = _texts(old)
    after, still = _texts(Document(old.path, new, json=old.json))
    if still > wrong:
        return False
    inner: dict[tuple[Keys, bool], list[_Meant]] = {}
    for one in meant:
        if len(one.ways) > 1:
            inner.setdefault((one.ways[0][0], one.ways[1][1]), []).append(one._replace(ways=one.ways[1:]))
    for (keys, json), inside in inner.items():
        was, now = _at(before, keys), _at(after, keys)
        if not isinstance(was, str) or not isinstance(now, str):
            return False
        if not _says(Document(old.path, was, json=json), now, inside) or not _put(before, keys, now):
            return False
    own = sorted({one for one in meant if len(one.ways) == 1}, key=_last_first)
    return all(_done(before, one) for one in own) and before == after


def _texts(document: Document) -> tuple[Value, int]:
    """What a document holds, each scalar as its text; and how much is wrong with it."""
    found, wrong = source.value(document, as_go=True)
    return (_of_node(document.root()) if document.json and not wrong else found), len(wrong)


def _of_node(node: yaml.Node | None) -> Value:
    match node:
        case yaml.MappingNode():
            return {key.value: _of_node(value) for key, value in node.value}
        case yaml.SequenceNode():
            return [_of_node(item) for item in node.value]
        case yaml.ScalarNode():
            return None if node.style is None and node.value == "null" else str(node.value)
    return None


def _last_first(one: _Meant) -> tuple[bool, list[tuple[bool, int, str]], int]:
    """Removals behind all else, and what comes later in a list or in a text before what comes earlier."""
    keys = [(isinstance(key, str), -key if isinstance(key, int) else 0, str(key)) for key in one.ways[0][0]]
    if one.text is not None and one.span is None:
        keys = [(text, abs(number), name) for text, number, name in keys]
    return one.text is None, keys, -one.span[0] if one.span else 0


def _at(value: Value, keys: Keys) -> Value:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _put(value: Value, keys: Keys, new: Value) -> bool:
    """Another value at these keys; what leads there is made where it is missing."""
    for index, key in enumerate(keys[:-1]):
        fresh: Value = [] if isinstance(keys[index + 1], int) else {}
        if isinstance(value, dict):
            value = value.setdefault(str(key), fresh)
        elif isinstance(value, list) and isinstance(key, int):
            if key == len(value):
                value.append(fresh)
            value = value[key] if key < len(value) else None
    last = keys[-1]
    if isinstance(value, dict):
        value[str(last)] = new
    elif isinstance(value, list) and isinstance(last, int) and last <= len(value):
        value[last : last + 1] = [new]
    else:
        return False
    return True


def _done(value: Value, one: _Meant) -> bool:
    keys = one.ways[0][0]
    if not keys:
        return False
    if one.text is not None:
        was = _at(value, keys)
        if one.span is None:
            return _put(value, keys, one.text)
        return isinstance(was, str) and _put(value, keys, was[: one.span[0]] + one.text + was[one.span[1] :])
    parent, last = _at(value, keys[:-1]), keys[-1]
    if isinstance(parent, dict) and last in parent:
        del parent[str(last)]
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        del parent[last]
    else:
        return False
    return True


@dataclass(slots=True)
class Repaired:
    """What is left after several rounds, the files that are different, before and now, and what was done."""

    problems: list[Problem]
    before: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    fixed: int = 0
    refused: list[Problem] = field(default_factory=list)

    def difference(self) -> str:
        """As `diff -u` writes it."""
        from llmmon.output import file_diff

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
    from llmmon import output

    for path, data in sorted(repaired.files.items()):
        try:
            target = Path(path).resolve()
            if target.read_bytes() != repaired.before[path]:
                why = "somebody else has changed it: run this again"
            else:
                output.write(target, data)
                continue
        except OSError as error:
            why = f"{error.strerror}: give yourself the right to change it"
        yield Problem(Origin(Document(path, "")), f"was not written: {why}", "not-written")
