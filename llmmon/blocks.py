"""Lines of a YAML file that belong together, by their indentation alone: it works where the file does not parse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def end(lines: Sequence[str], first: int) -> int:
    """The last line of what begins on a line, counted from 1: all that is indented further."""
    edge, last = indent(lines[first - 1]), first
    for number in range(first + 1, len(lines) + 1):
        if lines[number - 1].strip():
            if indent(lines[number - 1]) <= edge:
                break
            last = number
    return last


def item(lines: Sequence[str], number: int) -> tuple[int, int]:
    """The item of a list that a line stands in; a comment belongs to what it stands before. Else the whole file."""
    start = below(lines, number) if lines[number - 1].lstrip().startswith("#") else number
    if not _begins(lines[start - 1]):
        edge = indent(lines[number - 1])
        above = (n for n in range(start, 0, -1) if _begins(lines[n - 1]) and indent(lines[n - 1]) < edge)
        start = next(above, 0)
    return (min(start, number), end(lines, start)) if start else (1, len(lines))


def below(lines: Sequence[str], number: int) -> int:
    """The first line after this one that holds more than a comment; this one where there is none."""
    after = range(number + 1, len(lines) + 1)
    return next((n for n in after if lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#")), number)


def indent(line: str) -> int:
    """How many columns a line begins with that hold nothing."""
    return len(line) - len(line.lstrip())


def _begins(line: str) -> bool:
    return line.lstrip().startswith("- ")
