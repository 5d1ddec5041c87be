"""Findings that a team has accepted: a file of fingerprints that do not move when lines do."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

from llmmon.problem import Level, Origin, Problem
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

Accepted = Counter[tuple[str, str, str]]  # file, rule, fingerprint


def text(problems: Iterable[Problem]) -> str:
    """The baseline of these problems: JSON, one finding a line, sorted."""
    counted = Counter(_key(problem) for problem in problems)
    rows = [
        json.dumps({"file": file, "rule": rule, "fingerprint": print_, "count": count}, ensure_ascii=False)
        for (file, rule, print_), count in sorted(counted.items())
    ]
    inside = ",\n".join(f"  {row}" for row in rows)
    return f'{{"version": 1, "findings": [\n{inside}\n]}}\n' if rows else '{"version": 1, "findings": []}\n'


def read(path: Path) -> Accepted:
    """What a baseline accepts. Raises `ValueError` where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["version"] != 1:
            raise ValueError(found["version"])
        rows = found["findings"]
        return Counter({(row["file"], row["rule"], row["fingerprint"]): int(row["count"]) for row in rows})
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}; `--write-baseline {path}` makes it") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no baseline: `--write-baseline {path}` makes one") from None


def new(problems: Iterable[Problem], accepted: Accepted, path: str, linted: Collection[str]) -> Iterator[Problem]:
    """The problems that the baseline does not accept, and what it accepts although nobody finds it any more."""
    left: Mapping[tuple[str, str, str], int] = Counter(accepted)
    assert isinstance(left, Counter)
    for problem in problems:
        key = _key(problem)
        if left[key] > 0:
            left[key] -= 1
        else:
            yield problem
    gone = Counter({(file, rule): count for (file, rule, _), count in left.items() if count > 0 and file in linted})
    for (file, rule), count in sorted(gone.items()):
        times = "" if count == 1 else f" {count} times"
        message = f"{rule} is accepted{times} in {file} and not found there any more: write the baseline again"
        yield Problem(Origin(Document(path, "")), message, "baseline-entry-obsolete", Level.NOTE)


def _key(problem: Problem) -> tuple[str, str, str]:
    """The line's own words: what moves keeps its fingerprint, and what is changed is looked at again."""
    document = problem.origin.document
    line, _ = problem.origin.position()
    lines = document.text.split("\n")
    words = " ".join(lines[line - 1].split()) if 0 < line <= len(lines) else ""
    digest = hashlib.sha256(f"{problem.code}\0{words}".encode()).hexdigest()[:16]
    return document.path, problem.rule, digest
