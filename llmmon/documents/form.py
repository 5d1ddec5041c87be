"""What is odd about a file as a whole: nothing in it, bytes that nobody sees, JSON that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level, Origin, Problem
from llmmon.source.document import Spot
from llmmon.structure import UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.problem import Keys
    from llmmon.source.document import Document


def says_something(text: str) -> bool:
    """Whether there is more than comments and directives in a text."""
    return any(line.strip() and not line.lstrip().startswith(("#", "%", "---")) for line in text.split("\n"))


def oddities(document: Document) -> Iterator[Problem]:
    """What a file that was read has, and had better not have."""
    if "mark" in document.odd:  # carriage returns alone are line ends to everybody who reads YAML or JSON
        message = f"this file has {document.odd}: save it as UTF-8 without, with the line ends of Unix"
        yield Problem(_place(document, 1, 1), message, "line-ends", Level.NOTE)
    if document.path.endswith(".json"):
        import json

        try:
            json.loads(document.text)
        except RecursionError:
            return
        except json.JSONDecodeError as error:
            message = f"this is YAML, and no JSON as its name says: {error.msg}"
            yield Problem(_place(document, error.lineno, error.colno), message, "json-syntax", Level.WARNING)


def nothing(document: Document) -> Problem:
    """What to say of a file in which there is nothing."""
    message = "there is nothing in this file, so Prometheus reads no rule from it: write groups:, or remove it"
    return Problem(_place(document, 1, 1), message, "empty-entry", Level.WARNING)


def readable(found: Sequence[Problem], wrong: Iterable[Problem]) -> Iterable[Problem]:
    """What rules say, but for what they say of fields that could not be read, which is `wrong` already."""
    unread = {(problem.origin.document.path, problem.origin.keys) for problem in wrong if problem.rule in UNREAD}
    if not unread:
        return found
    return (problem for problem in found if not any(way in unread for way in _ways(problem.origin)))


def _ways(origin: Origin) -> Iterator[tuple[str, Keys]]:
    """To a place, and to all above it."""
    return ((origin.document.path, origin.keys[:end]) for end in range(len(origin.keys) + 1))


def _place(document: Document, line: int, column: int) -> Origin:
    return Origin(Spot(document.path, document.text, line, column))
