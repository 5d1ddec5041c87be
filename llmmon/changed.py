"""What differs from a revision in git: only problems in rules that were touched are news."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import blocks, lazily
from llmmon.documents.names import Names, names
from llmmon.source import reading
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.problem import Problem

_HUNK = lazily.pattern(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_TIMEOUT = 60  # seconds
_ENDINGS = (".yaml", ".yml", ".rules", ".json")
_NOTHING = Names(frozenset(), frozenset())
_OF_OTHERS = ("removed-rule",)  # says of a rule that nobody touched what touching another has done to it

Touched = dict[str, list[range] | None]  # lines that were changed, by absolute path; None where the file is new


def since(revision: str) -> Touched:
    """The lines that differ from a revision, staged or not, and the files that git does not know yet.

    Raises `ValueError` where there is no repository or no such revision.
    """
    top = _top(revision)
    out: Touched = {}
    lines: list[range] = []
    for line in _git("-c", "core.quotePath=false", "diff", "-U0", "--no-color", "--no-ext-diff", revision).split("\n"):
        if line.startswith("+++ "):
            lines = []
            if line != "+++ /dev/null":
                name = line[4:].removesuffix("\t").removeprefix("b/")
                out[str(top / name)] = lines
        elif found := _HUNK.match(line):
            first, count = int(found[1]), int(found[2] or 1)
            lines.append(range(first, first + max(count, 1)))  # where something was removed: the line before it
    for name in _git("ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/").split("\0"):
        if name:
            out[str(top / name)] = None
    return out


def removed(revision: str) -> frozenset[str]:
    """The names of rules that were in files of a revision, and are in none of those that differ from it.

    Raises `ValueError` as `since` does.
    """
    top = _top(revision)
    differing = _git("diff", "--name-only", "--no-renames", "-z", revision, "--").split("\0")
    new = _git("ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/").split("\0")
    before: set[str] = set()
    now: set[str] = set()
    for name in (name for name in (*differing, *new) if name.endswith(_ENDINGS)):
        found = _present(top / name)
        old = names(Document(name, _old(revision, name))) if name in differing else _NOTHING
        if found and old:  # of what cannot be read nobody knows what it holds
            before |= old.alerts | old.recorded
            now |= found.alerts | found.recorded
    return frozenset(before - now)


def _top(revision: str) -> Path:
    """The folder of the repository, which must have this revision."""
    top = Path(_git("rev-parse", "--show-toplevel").strip())
    _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return top


def _present(path: Path) -> Names | None:
    if not path.is_file():
        return _NOTHING
    document, wrong = reading.read(path, path.as_posix())
    return None if wrong else names(document)


def _old(revision: str, name: str) -> str:
    """The text of a file at a revision; nothing where it did not have it."""
    try:
        return _git("show", f"{revision}:{name}")
    except ValueError:
        return ""


def news(problems: Iterable[Problem], touched: Touched) -> Iterator[Problem]:
    """The problems in rules, or other items of lists, of which some line was changed."""
    split: dict[str, list[str]] = {}
    for problem in problems:
        document = problem.origin.document
        path = str(Path(document.path).resolve())
        if problem.rule in _OF_OTHERS:
            yield problem
            continue
        if path not in touched:
            continue
        ranges = touched[path]
        if ranges is None:
            yield problem
            continue
        lines = split.setdefault(path, document.text.split("\n"))
        number = min(problem.origin.position()[0], len(lines))
        first, last = blocks.item(lines, number) if lines[number - 1].strip() else (number, number)
        if any(one.start <= last and first < one.stop for one in ranges):
            yield problem


def _git(*arguments: str) -> str:
    import subprocess

    try:
        ran = subprocess.run(
            ("git", *arguments),  # noqa: S607 - the one that the user has
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
            encoding="utf-8",
        )
    except FileNotFoundError:
        raise ValueError("--since needs git, which is not on PATH") from None
    if ran.returncode:
        said = ran.stderr.strip().splitlines()
        raise ValueError(
            f"--since: git says: {said[0]}" if said else f"--since: git knows no such revision: {arguments[-1]}"
        )
    return ran.stdout
