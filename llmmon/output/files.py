"""One generated file: whether it is as it must be, writing it in one step, and saying what is wrong with it."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.problem import Level, Origin, Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from llmmon.problem import Keys, Span

TEMPORARY = ".llmmon-"


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step: after a kill it is whole, old or new. Its permissions stay."""
    if state_of(path, content) == "unchanged":
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def state_of(path: Path, content: bytes) -> str:
    """Whether it is new, changed or unchanged."""
    if not path.exists():
        return "new"
    return "unchanged" if path.is_file() and path.read_bytes() == content else "changed"


@frozen
class _File:
    """A generated file as the place of a problem; its text is not shown."""

    path: str
    text: str = ""

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        return 1, 1


def fault(path: Path, message: str, rule: str, level: Level = Level.ERROR) -> Problem:
    """A problem with a file, at its first line."""
    return Problem(Origin(_File(str(path))), message, rule, level)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Rejects a file that the system does not let us read."""
    try:
        yield
    except OSError as error:
        raise Rejected([fault(path, f"cannot be read ({error.strerror})", "output-unreadable")]) from error
