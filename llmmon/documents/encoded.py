"""Configurations of Alertmanager in the base64 of a Secret: linted, and said at the line that they are.

No line of what it is decoded is ever shown, since there are keys and passwords in it.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from llmmon.classes import frozen, replace
from llmmon.problem import Origin, Problem
from llmmon.source.document import Document, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys, Span

_KEY = re.compile(r"alertmanager[\w.-]*\.ya?ml\Z")
_FILE = re.compile(r"[\w.-]+\.ya?ml\Z")
_OWNER = "alertmanager"
_LARGEST = 2_000_000  # more than Kubernetes takes


@frozen
class Encoded:
    """A document whose base64 stands at `outer`; every place in it is that one."""

    inner: Document
    outer: Origin

    @property
    def path(self) -> str:
        return self.outer.document.path

    @property
    def text(self) -> str:
        """As many lines as the file has, with nothing on them."""
        return "\n" * self.outer.document.text.count("\n")

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:
        del keys, span
        return self.outer.position()


def held(value: Mapping[str, Any], origin: Origin) -> Iterator[Encoded]:
    """The configurations in a Secret's `data`."""
    data, about = value.get("data"), value.get("metadata")
    name = str(about.get("name")) if isinstance(about, dict) else ""
    wanted = _FILE if name.startswith(_OWNER) else _KEY
    for key, text in data.items() if isinstance(data, dict) else ():
        if isinstance(text, str) and wanted.match(key) and len(text) < _LARGEST:
            decoded = _decoded(text)
            if decoded is not None:
                outer = origin.at("data", key)
                yield Encoded(Document(outer.document.path, decoded), outer)


def moved(problem: Problem, document: Encoded) -> Problem:
    """A problem of the inner text, at the line of the outer one."""
    line, column = document.outer.position()
    origin = Origin(Spot(document.path, document.text, line, column))
    return replace(
        problem, origin=origin, message=_message(problem, problem.origin.position()[0]), fix=None, related=()
    )


def said(problem: Problem) -> Problem:
    """A problem with the line in the decoded text, which no position leads to."""
    document = problem.origin.document
    if not isinstance(document, Encoded):
        return problem
    line, _ = document.inner.position(problem.origin.keys, problem.origin.span)
    return replace(problem, message=_message(problem, line), fix=None)


def _message(problem: Problem, line: int) -> str:
    return f"in line {line} of what this decodes to: {problem.message}"


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return None
