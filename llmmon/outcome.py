"""How a command that finds problems ends: what it prints, and the exit code."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.problem import Problem, Unverified

CLEAN, FOUND, USAGE, NO_TOOL, BUG = range(5)


class Format(StrEnum):
    """How problems are printed."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"
    checkstyle = "checkstyle"
    junit = "junit"


class FailOn(StrEnum):
    """From which level on a problem makes the exit code 1."""

    error = "error"
    warning = "warning"
    note = "note"


def end(
    problems: Sequence[Problem],
    unverified: Sequence[Unverified],
    format: Format,  # noqa: A002 - the option's name
    fail_on: FailOn,
    quiet: bool,
    require_tools: bool,
    fixed: int | None = None,
    err: bool = False,
    more: str = "",
) -> NoReturn:
    """Print what was found, on standard error if so wished, and leave with the exit code that it deserves.

    `fixed` is how many more there were, `more` stands behind the counts.
    """
    from llmmon import report
    from llmmon.problem import Level, worst

    stream = sys.stderr if err else sys.stdout
    stream.write(report.render(problems, format.value, report.wants_color(stream)))
    for line in dict.fromkeys(f"not verified: {item.what}: {item.why}" for item in unverified):
        say(quiet and not require_tools, report.shown(line))
    if problems or fixed is not None or more:
        counted = [f"{fixed} fixed"] if fixed is not None else []
        say(quiet, ", ".join((*counted, report.summary(problems))) + more)
    level = worst(problems)
    if level is not None and level >= Level[fail_on.name.upper()]:
        sys.exit(FOUND)
    sys.exit(NO_TOOL if require_tools and any(item.needed for item in unverified) else CLEAN)


def out(text: str) -> None:
    """A text on standard output, as it is."""
    sys.stdout.write(text)


def say(quiet: bool, line: str) -> None:
    """A line for people, on standard error."""
    if not quiet:
        sys.stderr.write(f"{line}\n")


def usage(message: str) -> NoReturn:
    """The command was not called as it must be."""
    say(False, f"Error: {message}")
    sys.exit(USAGE)
