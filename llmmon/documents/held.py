"""Pipelines that are texts inside a ConfigMap: linted like files, and said at their places in the outer file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen, replace
from llmmon.documents.envelopes import Embedded
from llmmon.documents.plain import Plain
from llmmon.problem import Origin
from llmmon.source.document import Document, Spot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.problem import Problem
    from llmmon.source.values import Value


@frozen
class Held:
    """A text of a ConfigMap; the entries of one map are files of one folder."""

    document: Plain
    outer: Origin


def held(value: Value, origin: Origin) -> Iterator[Held]:
    """The entries of a ConfigMap that are named like pipelines."""
    data = value.get("data") if isinstance(value, dict) and value.get("kind") == "ConfigMap" else None
    for name, text in data.items() if isinstance(data, dict) else ():
        if isinstance(text, str) and name.endswith(".conf") and "/" not in name:
            yield Held(Plain(f"{origin.document.path}/{name}", text), origin.at("data", name))


def moved(problems: Iterable[Problem], inside: Iterable[Held]) -> Iterator[Problem]:
    """The problems at their places in the file that holds the map."""
    by_path = {one.document.path: one for one in inside}
    for problem in problems:
        related = tuple(_outside(origin, by_path) for origin in problem.related)
        yield replace(problem, origin=_outside(problem.origin, by_path), related=related)


def _outside(origin: Origin, by_path: dict[str, Held]) -> Origin:
    one = by_path[origin.document.path]
    document = Embedded(Document(one.outer.document.path, one.document.text), one.outer)
    line, column = document.at(*origin.position())
    secret = origin.document.text != one.document.text  # then the outer line is not for showing
    return Origin(Spot(document.path, "" if secret else document.text, line, column))
