"""What people wrote about an alert, taken apart by its headings."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.problem import Keys, Level, Origin, Positioned, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PARTS = ("What it means", "Why it fires", "How to investigate", "How to resolve", "When to escalate")

_HEADING = re.compile(r" {0,3}##(?!#)(?:[ \t]+|$)(.*?)(?:[ \t]+#+)?[ \t]*$")
_TITLE = re.compile(r" {0,3}#(?:[ \t]|$)")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_BY_NAME = {part.casefold(): part for part in PARTS} | {"why it fired": PARTS[1]}


def parts(document: Positioned) -> tuple[dict[str, str], list[Problem]]:
    """Markdown by heading, in the order of PARTS; a part without words is left out. Headings inside code are code."""
    found: dict[str, list[str]] = {}
    problems: list[Problem] = []
    into: list[str] | None = None
    at: dict[str, int] = {}  # the line of each part's heading
    for number, line, heading in _headings(document, problems):
        if heading is None:
            if into is None and line.strip() and not _TITLE.match(line):
                problems.append(_stray(document, number))
                into = []
            elif into is not None:
                into.append(line)
            continue
        part = _BY_NAME.get(heading.casefold().rstrip("?: "))
        if part is None:
            problems.append(_unknown(document, number, heading))
        elif part in found:
            problems.append(_problem(document, number, f"`## {part}` is here twice: join the two", "prose-heading"))
        into = found.setdefault(part, []) if part else []
        if part:
            at.setdefault(part, number)
    texts = {part: "\n".join(found.get(part, ())).strip("\n").rstrip() for part in PARTS}
    problems += [_empty(document, at[part], part) for part in at if not texts[part].strip()]
    return {part: text for part, text in texts.items() if text.strip()}, problems


def about(prose: Mapping[str, Positioned], alerts: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the prose of a service that has these alerts."""
    names = sorted(set(alerts))
    for name, document in sorted(prose.items()):
        if name not in names:
            message = f"the service has no alert {name}{_suggestion(name, names)}: rename the file, or remove it"
            yield _problem(document, 1, message, "prose-alert", Level.WARNING)
        yield from parts(document)[1]


@frozen
class Line:
    """A line of a text that is no YAML; its keys lead nowhere."""

    path: str
    text: str
    number: int

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        """The line, from 1, and its first column."""
        return self.number, 1


def _headings(document: Positioned, problems: list[Problem]) -> Iterator[tuple[int, str, str | None]]:
    """Number, text and heading of each line; a block that never ends is a problem, and is ended."""
    closing, opened = "", 0
    for number, line in enumerate(document.text.replace("\r\n", "\n").split("\n"), start=1):
        heading = None
        if closing:
            closing = "" if _closes(line, closing) else closing
        elif fence := _FENCE.match(line):
            closing, opened = fence[1], number
        elif line.lstrip(" ").startswith("<!--") and "-->" not in line:
            closing, opened = "-->", number
        elif match := _HEADING.match(line):
            heading = match[1]
        yield number, line, heading
    if closing:
        problems.append(_problem(document, opened, f"this never ends: write {closing} after it", "prose-block"))
        yield opened, closing, None


def _closes(line: str, closing: str) -> bool:
    if closing == "-->":
        return closing in line
    marks = line.strip()
    return len(line) - len(line.lstrip(" ")) < 4 and len(marks) >= len(closing) and set(marks) == {closing[0]}


def _stray(document: Positioned, number: int) -> Problem:
    message = f"no heading stands above this, so no page shows it: write `## {PARTS[0]}` before it"
    return _problem(document, number, message, "prose-heading", Level.WARNING)


def _empty(document: Positioned, number: int, part: str) -> Problem:
    message = f"nothing stands below `## {part}`: write it, or remove the heading"
    return _problem(document, number, message, "prose-heading")


def _unknown(document: Positioned, number: int, heading: str) -> Problem:
    names = ", ".join(f"`## {part}`" for part in PARTS)
    close = get_close_matches(heading.casefold(), _BY_NAME, n=1, cutoff=0.5)
    means = f"did you mean `## {_BY_NAME[close[0]]}`? " if close else ""
    return _problem(document, number, f"unknown heading {heading!r}: {means}A page has {names}", "prose-heading")


def _suggestion(name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _problem(document: Positioned, number: int, message: str, rule: str, level: Level = Level.ERROR) -> Problem:
    return Problem(Origin(Line(document.path, document.text, number)), message, rule, level)
